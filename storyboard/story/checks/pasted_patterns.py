"""What lines of text look like that were pasted and not meant as a prompt: one table, a row a kind.

Each pattern is matched on a line without its indent, with everything inside `{{ }}` and `{% %}` blanked out, so that a
text in braces always means what it says.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from storyboard.diagnostics import Rule
from storyboard.diagnostics.rules.pasted import (
    BESIDE_THE_PICTURE,
    CHATTER,
    FOREIGN_FLAG,
    LABEL,
    MARKUP,
    NO_PICTURES,
    NOTE,
    TABLE_OR_DATA,
    TIME_CODE,
    TITLE_LINE,
    WORDY_LABEL,
)


class PastedKind(NamedTuple):
    """A kind of line. `what` completes «this looks like …»; `way_out` says what to do. `removes` is the group of the
    match that a fix takes away, `note` the group whose words a fix keeps as a comment."""

    rule: Rule
    pattern: re.Pattern[str]
    what: str
    way_out: str
    removes: int | None = None
    note: int | None = None


def _is(text: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(text, flags)


_MARKS = r"(?:[-*+•‣◦▪●·–—]\s+|>\s*|\d{1,3}[.)、．]\s*|[*_]{1,3}|\|\s*)*"
"""Markers that may stand before a label: bullets, quotes, numbers, bold."""
_END = r"\s*[*_]{0,3}\s*[:：=﹕]\s*[*_]{0,3}\s*"
"""What ends a label: a colon of any width, bold around it."""
_NUMBER = r"(?:[0-9]{1,4}|[٠-٩۰-۹०-९]{1,4}|[一二三四五六七八九十百零]{1,4})"
_SHOT = (
    r"shot|scene|clip|frame|panel|beat|segment|take|sequence|cut|slide|plan|plano|toma|escena|scène|szene|einstellung|"
    r"cena|inquadratura|scena|кадр|сцена|план|lượt|cảnh|لقطة|مشهد|اللقطة|المشهد|סצנה|שוט|दृश्य|शॉट|장면|컷|"
    r"镜头|鏡頭|场景|場景|分镜|分鏡|画面|片段|镜|カット|シーン|ショット"
)
_LENGTH = (
    r"duration|length|timing|time ?code|runtime|seconds|secs?|durée|duración|dauer|dura[çc][ãa]o|"
    r"длительность|时长|時長|持续时间|秒数|尺|長さ|المدة|مدة|משך|अवधि|길이"
)
_SETTING = (
    r"model|mode|aspect[ _-]?ratio|ratio|resolution|fps|frame ?rate|seed|cfg(?:[ _]scale)?|"
    r"guidance(?: scale)?|steps|sampler|watermark|模型|模式|画幅|比例|宽高比|分辨率|帧率|种子|清晰度|"
    r"アスペクト比|解像度|النموذج|الأبعاد|نسبة العرض|יחס|मॉडल|अनुपात"
)
_BESIDE = (
    r"dialogues?|dialog|line|lines|voice[ -]?over|v\.?o\.?|narrat(?:ion|or)|speech|spoken|says|script|"
    r"captions?|subtitles?|on[ -]?screen(?: text)?|super|overlay|title card|text overlay|lower third|"
    r"sfx|sound effects?|fx|music|bgm|soundtrack|score|audio|"
    r"台词|对白|对话|旁白|配音|字幕|文案|音效|音乐|背景音乐|画外音|セリフ|台詞|ナレーション|テロップ|字幕|"
    r"حوار|الحوار|تعليق صوتي|التعليق|נאום|קריינות|כתוביות|संवाद|वॉयसओवर|대사|자막"
)
_NOTE = (
    r"notes?|n\.b\.|nb|todo|to[ -]do|fixme|tbd|xxx|remark|comment|director'?s? notes?|production notes?|crew|props?|"
    r"location|cast|wardrobe|transition|status|priority|assignee|reference|ref|goal|purpose|objective|"
    r"备注|注意|注|说明|转场|提示|メモ|備考|注記|ملاحظة|ملاحظات|הערה|टिप्पणी|नोट|참고|메모"
)
_PROMPT = (
    r"(?:video |image |positive |visual |text |final )?prompt|description|visuals?|shot description|action|"
    r"提示词|正向提示词|正面提示词|描述|画面描述|プロンプト|الوصف|تعليمات|פרומפט|प्रॉम्प्ट|विवरण|프롬프트"
)
NEGATIVE = (
    r"negative(?:[ _-]?prompts?)?|negatives|neg(?:ative)?\.? ?prompt|neg|avoid|exclude|don'?t (?:show|include)|"
    r"do not (?:show|include)|without|"
    r"负面提示词?|负向提示词?|反向提示词?|负面词?|负面|避免|不要(?:出现)?|排除|ネガティブ(?:プロンプト)?|除外|"
    r"السلبي|موجه سلبي|المطالبة السلبية|תנאי שלילי|שלילי|नकारात्मक(?: प्रॉम्प्ट)?|부정(?: 프롬프트)?|"
    r"prompt négatif|negativo|prompt negativo|negativer prompt|отрицательный|негативный(?: промпт)?"
)
NEGATIVE_LINE = _is(rf"{_MARKS}(?:{NEGATIVE}){_END}(.*)$")
"""A line of negatives; its group is their list."""
AVOID_LINE = _is(r"(?:avoid|exclude)\s+([^.:!?;]{1,200})[.]?$")
"""`avoid smiling`, alone on its line."""

_CODE = r"\d{1,2}[:：]\d{2}(?:[:：.]\d{1,3})?"
_SPAN = r"\s*(?:-->|->|-|–|—|~|〜|to|until|→|至|到)\s*"

KINDS = (
    PastedKind(
        NOTE, _is(r"<!--\s*(.*?)\s*(?:-->)?$"), "a comment of HTML", "take it out, or write it as a comment", note=1
    ),
    PastedKind(NOTE, _is(r"\[\[\s*(.*?)\s*(?:\]\])?$"), "a note of a script", "take it out, or write `.note`", note=1),
    PastedKind(
        NOTE,
        _is(r"\{#\s*(.*?)\s*(?:#\})?$"),
        "a comment of a template",
        "take it out, or write it as a comment",
        note=1,
    ),
    PastedKind(
        NOTE,
        _is(r"/\*+\s*(.*?)\s*(?:\*/)?$"),
        "a comment of a program",
        "take it out, or write it as a comment",
        note=1,
    ),
    PastedKind(NOTE, _is(r"//\s*(.*)$"), "a comment of a program", "take it out, or write it as a comment", note=1),
    PastedKind(
        NOTE, _is(r"(?:--|;;+|%%)\s+(.*)$"), "a comment of a program", "take it out, or write it as a comment", note=1
    ),
    PastedKind(
        NOTE, _is(r".*(?:<!--|-->|\[\[|\]\]|\{#|#\}|/\*|\*/)"), "a comment or a note", "take it out, or write `.note`"
    ),
    PastedKind(MARKUP, _is(r"(?:`{3,}|~{3,}).*$"), "a fence of Markdown", "take the line out"),
    PastedKind(MARKUP, _is(r"(?:[-*_=~—–─━]\s*){3,}$"), "a rule of Markdown", "take the line out"),
    PastedKind(MARKUP, _is(r"(#{2,6}\s+)\S"), "a heading of Markdown", "take the marks out", removes=1),
    PastedKind(TABLE_OR_DATA, _is(r"\|.*\|?$"), "a row of a table", "write its words as a sentence"),
    PastedKind(TABLE_OR_DATA, _is(r".*\S\s*\|\s*\S.*\|"), "a row of a table", "write its words as a sentence"),
    PastedKind(
        TABLE_OR_DATA, _is(r".*\t"), "a row of a spreadsheet: there is a tab in it", "write its words as a sentence"
    ),
    PastedKind(
        TABLE_OR_DATA, _is(r"[{}\[\]]+\s*[,;]?$|(?!\{[{%])[\[{]\s*[\"'{\[].*"), "JSON", "write its words without braces"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"[\"'][\w .-]{1,40}[\"']\s*:"), "JSON", "write its words without the key"),
    PastedKind(TABLE_OR_DATA, _is(r"\"[^\"]*\",$"), "JSON", "write its words without quotes and comma"),
    PastedKind(TABLE_OR_DATA, _is(r"\d{1,4}\s*[,;]\s*(?!\d{3}\b)\S"), "a row of CSV", "write its words as a sentence"),
    PastedKind(
        TABLE_OR_DATA, _is(r"\"[^\"]*\"[,;](?:\"|\d|[^\s,;]+[,;])"), "a row of CSV", "write its words as a sentence"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"[^,.!?\s]+(?:,[^,\s]+){2,}$"), "a row of CSV", "write its words as a sentence"),
    PastedKind(
        TABLE_OR_DATA,
        _is(r"[^;.!?]*\S;\S[^;]*;\S|[^,.!?]*\S,\S[^,\s]*,\S[^,]*$"),
        "a row of CSV",
        "write its words as a sentence",
    ),
    PastedKind(
        TABLE_OR_DATA, _is(r"[\w-]+:\s*(?:[|>][-+]?|\[.*\]|\{.*\})?$"), "a key of YAML", "write a sentence in its place"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"-?\s*[a-z]\w*_\w+:\s"), "a key of YAML", "write the words without the key"),
    PastedKind(
        TIME_CODE,
        _is(
            rf"{_MARKS}(?:[\[(（【]?\s*{_CODE}{_SPAN}{_CODE}|[\[(（【]\s*{_CODE}\s*[\])）】]|{_CODE}\s*(?:$|[-–—|:：]\s))"
        ),
        "a time code",
        "the shot's header says how long it is",
    ),
    PastedKind(
        TIME_CODE,
        _is(
            rf"{_MARKS}[\[(（【]?\s*\d{{1,3}}(?:\.\d+)?\s*s?{_SPAN}\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒|с|ث|שנ)\s*[\])）】]?"
        ),
        "a time range",
        "the shot's header says how long it is",
    ),
    PastedKind(
        TIME_CODE,
        _is(rf"{_MARKS}[\[(（【]\s*\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒)\s*[\])）】]"),
        "a length",
        "the shot's header says how long it is",
    ),
    PastedKind(
        TIME_CODE,
        _is(rf"{_MARKS}\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒)(?:$|\s*[:：]|\s+[-–—]\s)"),
        "a length",
        "the shot's header says how long it is",
    ),
    PastedKind(
        TITLE_LINE,
        _is(rf"{_MARKS}(?:第\s*)?(?:{_SHOT})\s*(?:no\.?\s*)?[#№]?\s*{_NUMBER}[a-z]?\b"),
        "the title of a shot or scene",
        "begin a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(rf"{_MARKS}第\s*{_NUMBER}\s*(?:个|個)?(?:{_SHOT}|幕|场|場)(?:$|[\s:：.、，—(（-])"),
        "the title of a shot or scene",
        "begin a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(r"\.?(?:INT|EXT|EST|I/E|INT\.?/EXT)[. ]+\S", 0),
        "a scene heading of a script",
        "begin a scene at column 0: `scene name`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r">?\s*(?:(?:SMASH |MATCH |JUMP |HARD |QUICK )?CUT(?: TO| BACK)?|FADE (?:IN|OUT|TO \w+)|DISSOLVE(?: TO)?|WIPE TO|INTERCUT|BACK TO(?: SCENE)?|THE END)\s*[:.]?\s*<?$",
            0,
        ),
        "a transition of a script",
        "take the line out",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"(?:[^\W\d_]|[ '.-]){1,40}\((?:V\.?O\.?|O\.?S\.?|O\.?C\.?|CONT'?D|CONT’D|旁白|画外音)\)", 0),
        "a character's cue of a script",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"@?[A-Z][A-Z0-9 '.-]{1,30}$", 0),
        "a character's cue of a script",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:{_LENGTH})(?:\s*\([^)]*\))?{_END}"),
        "a length",
        "the shot's header says how long it is",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:time|时间|時間|zeit|tiempo|temps|الوقت|זמן|समय){_END}\d"),
        "a length",
        "the shot's header says how long it is",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:{_SETTING})(?:\s*\([^)]*\))?{_END}"),
        "a setting",
        "a setting is a line `.name value` above the text",
    ),
    PastedKind(
        WORDY_LABEL, _is(rf"({_MARKS}(?:{_PROMPT})(?:\s*\([^)]*\))?{_END})"), "a label", "take the label out", removes=1
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(rf"{_MARKS}(?:{_BESIDE})(?:\s*\([^)]*\))?{_END}"),
        "words beside the picture",
        "write `.say` for spoken words, `.caption` for words on the screen",
    ),
    PastedKind(
        WORDY_LABEL,
        _is(rf"{_MARKS}[\[(]?(?:{_NOTE})(?:\s*\([^)]*\))?{_END}(.*)$"),
        "a note",
        "write `.note`, or take it out",
        note=1,
    ),
    PastedKind(
        NOTE,
        _is(r".*\b(?:(?-i:TODO|FIXME|TBD|XXX)|lorem ipsum)\b"),
        "a note for later",
        "write `.note`, or take it out",
    ),
    PastedKind(
        NO_PICTURES,
        _is(
            r".*(?:@\s?(?:image|img|video|audio|element|character|char|ref|reference|style|图片|图像|图|视频|音频|元素|主体|画像|動画)\s*[_#-]?\s*\d+|@(?:image|video|audio|element|图片|视频|音频)(?![\w])|<<<[^<>]*>>>|<\s*(?:image|img|video|ref|audio)[ _-]?\d*\s*/?>|\[(?:from )?(?:image|img|video|ref(?:erence)?(?: image| picture| photo)?|pic(?:ture)?|photo|first frame|last frame|图片?|视频)[ _#-]*\d*(?::[^\]]*)?\]|!\[[^\]]*\]\()"
        ),
        "a reference to a picture",
        "this model takes no pictures: say in words what is seen",
    ),
    PastedKind(
        NO_PICTURES,
        _is(r".*(?:参考|參考|参照)(?:上?图|图片|圖片|视频|影像|画像)"),
        "a reference to a picture",
        "this model takes no pictures: say in words what is seen",
    ),
    PastedKind(
        FOREIGN_FLAG,
        _is(
            r".*(?:^|\s)--(?:ar|v|niji|s|stylize|style|no|q|quality|seed|c|chaos|w|weird|iw|cref|sref|cw|sw|motion|fps|duration|dur|camera|loop|hd|tile|video|raw|aspect|neg|negative|camerafixed|resolution|ratio|rs|rt|wm|cf|watermark)\b"
        ),
        "a flag of another generator",
        "write a setting in its place: `.name value` above the text",
    ),
    PastedKind(
        FOREIGN_FLAG,
        _is(r".*(?:<(?:lora|lyco|hypernet):[^>]*>|\([^():\d]+:\d(?:\.\d+)?\)|::-?\d|(?-i:\bBREAK\b)|\bembedding:)"),
        "a weight of another generator",
        "take it out: this model reads words alone",
    ),
    PastedKind(MARKUP, _is(r".*</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>"), "a tag of HTML", "take it out"),
    PastedKind(MARKUP, _is(r".*&(?:nbsp|amp|lt|gt|quot|apos|#\d+);"), "HTML", "write the sign itself"),
    PastedKind(
        MARKUP,
        _is(r".*(?<![*\w])\*{1,3}(?=[^\s*])[^*\n]*[^\s*]\*{1,3}(?![*\w])|.*(?<!\w)__(?=\S)[^\n]*\S__(?!\w)"),
        "bold or italic of Markdown",
        "take the marks out",
    ),
    PastedKind(
        MARKUP,
        _is(r".*\[[^\]]+\]\((?:https?:|/|#|\w+\.)[^)]*\)|.*(?<![\w])https?://\S"),
        "a link",
        "take it out: the model follows no links",
    ),
    PastedKind(MARKUP, _is(r".*(?<!`)`[^`\n]+`(?!`)"), "code of Markdown", "take the marks out"),
    PastedKind(
        MARKUP,
        _is(r"([-*+•‣◦▪●·✓✔☐☑□■►▶➤]\s+(?:\[[ xX]\]\s*)?)\S"),
        "an item of a list",
        "take the marker out",
        removes=1,
    ),
    PastedKind(MARKUP, _is(r"(>+\s*)\S"), "a quotation of Markdown", "take the mark out", removes=1),
    PastedKind(
        MARKUP,
        _is(r"((?:\d{1,3}[.)、．](?!\d)|\(\d{1,3}\)|[①-⑳]|[a-z]\)\s)\s*)\S"),
        "an item of a numbered list",
        "take the number out",
        removes=1,
    ),
    PastedKind(
        WORDY_LABEL,
        _is(r"([\U0001F300-\U0001FAFF☀-➿⏏-⏿⬀-⯿]️?\s*)+\s*\S"),
        "a line with an emoji as its mark",
        "take the emoji out",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:(?:sure|certainly|of course|no problem|got it)[,!.]|here(?:'s| is| are|’s)\s+(?:a|an|the|your|my|some|each|all|\d+)\b.*(?::|prompt|storyboard|shot|scene|version|video|breakdown|script)|below (?:is|are)\b|(?:please )?let me know\b|i hope\b|feel free\b|would you like\b|do you want me\b|if you(?:'d| would) like\b|as an ai\b|i can(?:not|'t| also)\b|i(?:'ve| have) (?:created|written|made|kept|added)\b|you can (?:copy|paste|use)\b|hope this helps|end of (?:scene|script|storyboard)|continued\.*$|\(continued\))"
        ),
        "what a model says to its user",
        "take the line out",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:好的[，,。!！]|当然[，,。!！可]|以下是|下面是|希望(?:这|对)|如果(?:您|你)(?:需要|想)|请告诉我|需要我|はい、|以下は|もちろん|إليك|بالتأكيد|بالطبع|הנה |בטח|यहाँ |ज़रूर|물론|다음은)"
        ),
        "what a model says to its user",
        "take the line out",
    ),
    PastedKind(
        LABEL,
        _is(
            r"(?:else|endif|end if|elif\b.*|elseif\b.*)\s*[:{;]?$|if\b.*(?:[:{]|==|!=|\bthen)\s*.*$|if\s+[\w.]+$|\}\s*else\b.*",
            0,
        ),
        "a condition",
        "conditions are written `{% if … %}` and `{% endif %}`",
    ),
    PastedKind(
        LABEL,
        _is(
            r"\[(?:insert|your|add|name|product|brand|character|location|city|date|time|describe|placeholder|xx+)\b[^\]]*\]|.*<(?:insert|your|product|brand|name)[ _-][^<>]*>|.*\[(?:insert|your) [^\]]*\]"
        ),
        "a place that was to be filled in",
        "write the words themselves, or a `param`",
    ),
)
"""The kinds in order: the first that fits a line is told."""

TRAILING = re.compile(r"[ \t](?:#|//)[ \t]+\S.*$|[ \t]#[ \t]*$")
"""A comment behind a text, as programs have it: a sign between blanks."""

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2028\u2029\u3164\ufe00-\ufe0d"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\\w\u200d\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]|[\u200c\u200d](?![\\w\U0001f000-\U0001faff\u2600-\u27bf])"
)
"""Letters that show nothing and that a review does not see; joiners only where they join nothing."""

SECONDS_SAID = re.compile(
    r"(?:duration|length|lasts?|runs? for|时长|持续)\s*[:：]?\s*(?:of |about |approximately )?(\d{1,3})\s*(?:s\b|sec|seconds|秒)",
    re.IGNORECASE,
)
RATIO_SAID = re.compile(r"(?<![\d:.])(16:9|9:16|1:1|4:3|3:4|21:9|9:21|4:5|5:4|3:2|2:3|2:1)(?![\d:])")
"""Shapes of a frame; other numbers with a colon may be a time."""

PREFILTER = re.compile(
    r"[|\t{}\[\]<>()*_`#@=:：﹕;；/&~\"]|--|^\s*[-+•‣◦▪●·–—✓✔☐☑□■►▶➤>\d(①-⑳]|[\U0001F300-\U0001FAFF☀-➿⏏-⏿⬀-⯿]|\d\s*(?:s|秒)|,\S+,|"
    r"^\s*[A-Z][A-Z0-9 './-]{1,30}(?:$|[. ])|(?:参考|參考|参照|第)|\b(?:todo|fixme|tbd|lorem|BREAK|embedding)\b|"
    r"^\s*(?:avoid|exclude|else|end|if|elif|sure|certainly|of course|no problem|got it|here|below|please|let me|i |"
    r"i'|feel free|would|do you|as an|you can|hope|the end|continued|xxx|shot|scene|clip|frame|panel|beat|segment|take|sequence|cut|slide|"
    r"plan|toma|escena|scène|szene|einstellung|cena|scena|кадр|сцена|план|لقطة|مشهد|اللقطة|المشهد|סצנה|שוט|दृश्य|शॉट|장면|컷|"
    r"镜|鏡|场景|場景|分镜|分鏡|画面|片段|カット|シーン|ショット|好的|当然|以下|下面|希望|如果|请告诉|需要我|はい|もちろん|إليك|بالتأكيد|بالطبع|הנה|בטח|यहाँ|ज़रूर|물론|다음)",
    re.IGNORECASE | re.MULTILINE,
)
"""Whether anything in a text is worth a look, line by line: most prose has none of it."""
