"""The vocabulary of RTF (specification 1.9.1): what its control words stand for."""

# Groups that hold no text of the document, or a second copy of it.
SKIPPED = frozenset({
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "rsidtbl",
    "info", "pict", "objdata", "objclass", "objname", "themedata", "colorschememapping",
    "latentstyles", "datastore", "xmlnstbl", "generator", "fldinst", "sp", "shprslt", "nonshppict",
    "pntext", "listtext", "pnseclvl", "filetbl", "template", "private", "xe", "tc", "bkmkstart",
    "bkmkend", "atnid", "atnauthor", "atntime", "atndate", "atnref", "atnparent", "atrfstart",
    "atrfend", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "ud", "panose",
    "falt", "fontemb", "mailmerge", "userprops", "wgrffmtfilter", "background", "nesttableprops",
    "nonesttables", "pgptbl", "protusertbl", "docvar", "htmltag", "mhtmltag", "formfield",
    "blipuid", "picprop", "passwordhash", "mmathPr", "keycode",
})  # fmt: skip
# Groups marked as unknown to old programs that hold text.
READ_THOUGH_MARKED = frozenset({"shpinst", "annotation", "shptxt", "upr", "footnote", "nosupersub"})
# Groups whose text stands beside the running text, and under which heading.
ASIDE = {
    "footnote": "Footnotes",
    "annotation": "Comments",
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "Header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "Footer"),
    **dict.fromkeys(("shptxt", "dptxbxtext"), ""),
}
SIGNS = {
    "tab": "\t", "line": "\n", "softline": "\n", "emdash": "\u2014", "endash": "\u2013",
    "bullet": "\u2022", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
    "rdblquote": "\u201d", "emspace": " ", "enspace": " ", "qmspace": " ", "nestcell": "\t",
    "nestrow": "\n", "zwnj": "\u200c", "zwj": "\u200d", "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
# Encodings of fonts, by \\fcharset.
CHARSETS = {
    77: "mac_roman", 78: "shift_jis", 79: "big5", 80: "euc_kr", 81: "mac_arabic", 83: "mac_greek",
    85: "mac_turkish", 86: "mac_romanian", 88: "cp874", 89: "mac_cyrillic", 128: "cp932",
    129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
# Encodings of whole documents, by the word that names them.
CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
# And those of Apple, by number.
APPLE_PAGES = {
    10000: "mac_roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr", 10006: "mac_greek",
    10007: "mac_cyrillic", 10008: "gb18030", 10029: "mac_latin2", 10081: "mac_turkish",
}  # fmt: skip
