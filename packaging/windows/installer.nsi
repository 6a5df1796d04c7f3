; The set-up program for Windows, compiled by `packaging/build.py windows`. It has never been run on
; Windows by those who wrote it: README.md says what was tried and what was not.
;
; For one person, without the rights of an administrator: everything goes into that person's own
; folders and part of the registry.

Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"

!ifndef VERSION | SOURCE | OUTPUT | ICON | LICENCE
  !error "VERSION, SOURCE, OUTPUT, ICON and LICENCE must be given"
!endif

!define TITLE "Vext Desktop"
!define PROGRAM "Vext Desktop.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\VextDesktop"
!define FOLDER_MENU_KEY "Software\Classes\Directory\shell\VextDesktop"
!define DATA "$LOCALAPPDATA\vext-desktop"

Name "${TITLE}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
SetCompressor /SOLID lzma
ManifestDPIAware true
BrandingText "${TITLE} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Set-up of ${TITLE}"
VIAddVersionKey "LegalCopyright" "The Vext Desktop developers, MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; Files of a program that runs cannot be replaced.
!macro EndIfRunning UN
Function ${UN}EndIfRunning
  retry:
  IfFileExists "$INSTDIR\${PROGRAM}" 0 free
  ClearErrors
  FileOpen $0 "$INSTDIR\${PROGRAM}" a
  IfErrors 0 close
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
    "${TITLE} is open. Close its window, then choose Retry. What it was doing goes on at its next start." \
    /SD IDCANCEL IDRETRY retry
  Abort
  close:
  FileClose $0
  free:
FunctionEnd
!macroend
!insertmacro EndIfRunning ""
!insertmacro EndIfRunning "un."

Section "Program"
  Call EndIfRunning
  ; What the version before has left: only in a folder that is surely ours.
  IfFileExists "$INSTDIR\Uninstall.exe" 0 +2
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}/*.*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"

  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}"

  ; "Search with Vext Desktop" on folders.
  WriteRegStr HKCU "${FOLDER_MENU_KEY}" "" "Search with ${TITLE}"
  WriteRegStr HKCU "${FOLDER_MENU_KEY}" "Icon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${FOLDER_MENU_KEY}\command" "" '"$INSTDIR\${PROGRAM}" "%1"'

  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "The Vext Desktop developers"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $0
SectionEnd

Section "Uninstall"
  Call un.EndIfRunning
  ; By name: the folder was the person's choice, and may hold what is not ours.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\vext-desktop.exe"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  DeleteRegKey HKCU "${FOLDER_MENU_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"

  ; Kept unless somebody says otherwise, also when nobody is asked (/S).
  IfFileExists "${DATA}\*.*" 0 done
  MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
    "Remove the index and the settings too?$\n$\nThey lie in ${DATA}. Your documents are elsewhere and are not touched. If you keep them, a later installation goes on with them." \
    /SD IDNO IDNO done
  RMDir /r "${DATA}"
  done:
SectionEnd
