"""Which of the encodings of the Latin alphabet a text is in, by the letters of its language."""

# ruff: noqa: RUF001 - signs of other scripts that look like ASCII are what this is about

# Letters beyond ASCII by language, lower case. A text that uses only letters of one language
# under one encoding, and of none under another, is in the first.
_LETTERS = {
    "French": "àâæçéèêëîïôœùûüÿ",
    "German": "äöüßé",
    "Spanish": "áéíñóúüªº",
    "Portuguese": "áâãàçéêíóôõúüªº",
    "Italian": "àèéìíîòóùú",
    "Swedish": "åäöéüà",
    "Danish": "æøåéüöä",
    "Icelandic": "áðéíóúýþæö",
    "Dutch": "ëïéèöüáóê",
    "Catalan": "àçèéíïòóúü",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Croatian": "čćđšž",
    "Romanian": "ăâîșțşţ",
    "Turkish": "çğıiöşüâîû",
    "Lithuanian": "ąčęėįšųūž",
    "Latvian": "āčēģīķļņšūž",
    "Estonian": "äõöüšž",
}
_WESTERN = (
    "French", "German", "Spanish", "Portuguese", "Italian", "Swedish", "Danish", "Icelandic",
    "Dutch", "Catalan",
)  # fmt: skip
_EASTERN = ("Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Romanian", "German")
# The commonest first: the earlier one wins where two fit equally well.
_CANDIDATES = (
    ("cp1252", _WESTERN),
    ("iso8859-15", _WESTERN),
    ("cp1250", _EASTERN),
    ("iso8859-2", _EASTERN),
    ("cp1254", ("Turkish",)),
    ("cp1257", ("Lithuanian", "Latvian", "Estonian")),
    ("cp850", _WESTERN),
    ("mac-roman", _WESTERN),
    ("cp852", _EASTERN),
    ("mac-latin2", _EASTERN),
)
_SIGNS = frozenset("“”„‚‘’‹›«»–—…•·§©®™°€£¿¡\u00a0\u00ad")
_OTHER_LATIN = (
    "cp125", "iso8859", "latin", "mac", "cp437", "cp85", "cp86", "cp775", "cp500", "cp037",
    "cp1026", "cp1140", "hp_roman8", "cp858",
)  # fmt: skip
_OTHER_ALPHABETS = (
    "cp1251", "cp1253", "cp1255", "cp1256", "cp1258", "cp855", "cp856", "cp862", "cp864", "cp866",
    "cp869", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-11",
    "mac-cyrillic", "mac-greek", "mac_cyrillic", "mac_greek",
)  # fmt: skip
_LEAST_SHARE = 0.8


def is_latin(name: str) -> bool:
    """Whether an encoding, by Python's name for it, is one of the Latin alphabet."""
    return name.startswith(_OTHER_LATIN) and not name.startswith(_OTHER_ALPHABETS)


def most_fitting_latin(sample: bytes) -> str | None:
    """The encoding under which a sample looks most like one language; None if under none."""
    best, best_share = None, _LEAST_SHARE
    for name, languages in _CANDIDATES:
        text = sample.decode(name, "replace")
        share = max(_share(text, _LETTERS[language]) for language in languages)
        if share > best_share + 0.01:
            best, best_share = name, share
    return best


def _share(text: str, letters: str) -> float:
    """Which share of the signs beyond ASCII a language explains, where each stands."""
    explained = 0.0
    total = 0
    for place, sign in enumerate(text):
        if sign < "\x80":
            continue
        total += 1
        before = text[place - 1] if place else " "
        if sign in _SIGNS:
            # Between two letters, only an apostrophe is likely.
            after = text[place + 1] if place + 1 < len(text) else " "
            is_inside = before.isalpha() and after.isalpha()
            explained += 1 if sign == "’" or not is_inside else 0
        elif sign.lower() in letters or sign == "İ":
            explained += 0 if sign.isupper() and before.islower() else 1
    return explained / total if total else 0.0
