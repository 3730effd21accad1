"""Patterns of lines that were pasted and not meant as a prompt: one table, one row per kind.

Each pattern is matched against a line without its indent, with everything inside `{{ }}` and `{% %}` blanked out, so
that a text in braces always means what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checks.pasted_labels import CAMERA_IN_CAPITALS
from storyboard.syntax.shot_numbers import NUMBERED

_AT_THE_START_OF_EACH = lazy_pattern(r"(?:^|(?<=\|))\.\*")


class PastedKind(NamedTuple):
    """A kind of line. `what` completes "this looks like …"; `way_out` says what to do. `removes` is the group of the
    match that a fix removes, `note` the group whose words a fix keeps as a comment."""

    rule: Rule
    pattern: re.Pattern[str]
    what: str
    way_out: str
    removes: int | None = None
    note: int | None = None

    @property
    def alternative(self) -> str:
        """Its pattern as an alternative in a larger one."""
        return f"(?{'i' if self.pattern.flags & re.IGNORECASE else ''}:{self.pattern.pattern})"

    @property
    def anywhere(self) -> bool:
        """Whether it can be anywhere in a line, so that the rest of the line may well be a prompt."""
        return self.pattern.pattern.startswith(".*")

    def places(self, line: str) -> Iterator[tuple[int, int]]:
        """Return where it begins and ends in a line that it matches: each occurrence of what can be anywhere in a
        line, else the whole line."""
        if not self.anywhere:
            yield 0, len(line)
            return
        inside = _AT_THE_START_OF_EACH.sub("", self.pattern.pattern)
        for found in re.finditer(inside, line, self.pattern.flags):
            words = found[0].strip() or found[0]
            begin = found.start() + found[0].index(words)
            yield begin, begin + len(words)


def _is(text: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return lazy_pattern(text, flags)


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
_UNWANTED = (
    r"(?:(?:the|any|den|die|das|le|les|la|el|los|las|o|os|du|de)\s+|l['’])?"
    r"(?:te(?:xt|xto|xte|xtos|xtes|kst)\w*|logo\w*|water ?marks?|wasserzeichen|marcas? d\w+|filigran\w*|schrift\w*|captions?|"
    r"untertitel|subtítulos|sous-titres|legendas|letters|typography|titles|unscharf\w*|borros\w*|flou\w*|текст\w*|логотип\w*)\b"
)
"""What is mostly forbidden in a video, in several languages."""
NEGATIVE_LINE = lazy_pattern(
    rf"{_MARKS}(?:(?:{NEGATIVE}){_END}|(?:negative prompts?|负面提示词|负向提示词|反向提示词|ネガティブプロンプト|네거티브 프롬프트|"
    r"prompt négatif|prompt negativo|negativ ?prompt|негативный промпт)\s+)(.*)$",
    re.IGNORECASE,
)
"""A line of negatives; its group is their list."""
AVOID_LINE = _is(
    r"(?:avoid|exclude|do not (?:show|include|add)|don['’]t (?:show|include|add)|never show|must not (?:show|contain|include)"
    rf"|(?:vermeide|évite[rz]?|évitez|evita|evitar|evite|избегай(?:те)?)(?=\s+{_UNWANTED}))\s+([^.:!?;]{{1,200}})[.]?$"
)
"""`avoid smiling`, alone on its line."""
AVOID_INSIDE = lazy_pattern(
    r"[.!?;] ((?:[Aa]void|[Dd]o not (?:show|include|add)|[Dd]on['’]t (?:show|include|add)|[Nn]ever show)\s+([^.:!?;\"“”]{1,200}))(?=[.;]|$)"
)
"""`A street. Avoid crowds.`: its first group is the sentence, its second what to avoid."""

_PICTURE = r"(?:image|picture|photo|photograph|video|still|drawing|sketch)s?"
_OF_A_PICTURE = (
    rf"\b(?:the|this|that|these|my|your|our)\s+(?:uploaded|attached|provided|supplied)\s+{_PICTURE}\b"
    rf"|\b(?:in|from|of|match|matches|matching|use|using|on|like|per|following)\s+(?:the|this|my|your|our)\s+(?:reference|input|source)\s+{_PICTURE}\b"
    rf"|\b(?:the|this|my|your|1st|2nd)?\s*(?:first|second|third|last|start|end)?\s*{_PICTURE}\s+as\s+(?:the\s+|an?\s+)?(?:reference|(?:start|first|last|end|key)(?:ing)?\s?frame)\b"
    r"|如图(?=所示|[0-9一二三四，,。：:\s]|$)|以图[0-9一二三四]|[参參]考[图圖][0-9一二三四片]?"
    r"|(?:画像|写真)[0-9０-９]+|(?:参考|添付|元)(?:画像|写真|動画)"
    r"|(?:참고|참조|첨부|업로드한|레퍼런스)\s?(?:이미지|사진|영상)|(?:이미지|사진)\s?[0-9]+"
    r"|ال?صورة ?(?:ال)?(?:مرجع|المرجع|المرفقة|[0-9])\w*"
    r"|\breferenzbild\w*|\b(?:hochgeladene|angehängte|beigefügte)\w*\s(?:bild|foto|video)\w*"
    r"|\b(?:image|photo|vidéo)s?\s(?:de référence|jointe?s?|ci-jointe?s?|fournie?s?)"
    r"|\b(?:imagen|foto|imagem|vídeo)\s(?:de refer[eê]ncia|adjunt[ao]|anex[ao]|subid[ao]|enviad[ao])"
    r"|(?:прикреплённ|прикрепленн|загруженн)\w+\s(?:изображени|фото|картинк|видео)\w*"
)
"""Words for a picture that was sent along, in several languages."""

_CODE = r"\d{1,2}[:：]\d{2}(?:[:：.]\d{1,3})?"
_SPAN = r"\s*(?:-->|->|-|–|—|~|〜|to|until|→|至|到)\s*"

KINDS = (
    PastedKind(
        NOTE, _is(r"<!--\s*(.*?)\s*(?:-->)?$"), "an HTML comment", "remove it, or write it as a comment", note=1
    ),
    PastedKind(NOTE, _is(r"\[\[\s*(.*?)\s*(?:\]\])?$"), "a note in a script", "remove it, or write `.note`", note=1),
    PastedKind(
        NOTE,
        _is(r"\{#\s*(.*?)\s*(?:#\})?$"),
        "a template comment",
        "remove it, or write it as a comment",
        note=1,
    ),
    PastedKind(
        NOTE,
        _is(r"/\*+\s*(.*?)\s*(?:\*/)?$"),
        "a comment in code",
        "remove it, or write it as a comment",
        note=1,
    ),
    PastedKind(NOTE, _is(r"//\s*(.*)$"), "a comment in code", "remove it, or write it as a comment", note=1),
    PastedKind(NOTE, _is(r"(?:--|;;+|%%)\s+(.*)$"), "a comment in code", "remove it, or write it as a comment", note=1),
    PastedKind(
        NOTE,
        _is(r".*(?:<!--.*?-->|\[\[.*?\]\]|\{#.*?#\}|/\*.*?\*/|<!--|-->|\[\[|\]\]|\{#|#\}|/\*|\*/)"),
        "a comment or a note",
        "remove it, or write `.note`",
    ),
    PastedKind(MARKUP, _is(r"(?:`{3,}|~{3,}).*$"), "a Markdown fence", "remove it"),
    PastedKind(MARKUP, _is(r"(?:[-*_=~—–─━]\s*){3,}$"), "a Markdown rule", "remove it"),
    PastedKind(MARKUP, _is(r"(#{2,6}\s+)\S"), "a Markdown heading", "remove the markup", removes=1),
    PastedKind(MARKUP, _is(r".*&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8}[0-9]{0,2});"), "HTML", "write the sign itself"),
    PastedKind(TABLE_OR_DATA, _is(r"\|.*\|?$"), "a table row", "write its words as a sentence"),
    PastedKind(TABLE_OR_DATA, _is(r".*\S\s*\|\s*\S.*\|"), "a table row", "write its words as a sentence"),
    PastedKind(
        TABLE_OR_DATA, _is(r".*\t"), "a spreadsheet row, because it contains a tab", "write its words as a sentence"
    ),
    PastedKind(
        TABLE_OR_DATA, _is(r"[{}\[\]]+\s*[,;]?$|(?!\{[{%])[\[{]\s*[\"'{\[].*"), "JSON", "write its words without braces"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"[\"'][\w .-]{1,40}[\"']\s*:"), "JSON", "write its words without the key"),
    PastedKind(TABLE_OR_DATA, _is(r"\"[^\"]*\",$"), "JSON", "write its words without quotes and comma"),
    PastedKind(
        TABLE_OR_DATA, _is(r"\d{1,4}\s*[,;]\s*(?!\d{3}\b|\d+, \d)\S"), "a CSV row", "write its words as a sentence"
    ),
    PastedKind(
        TABLE_OR_DATA, _is(r"\"[^\"]*\"[,;](?:\"|\d|[^\s,;]+[,;])"), "a CSV row", "write its words as a sentence"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"[^,.!?\s]+(?:,[^,\s]+){2,}$"), "a CSV row", "write its words as a sentence"),
    PastedKind(
        TABLE_OR_DATA,
        _is(r"[^;.!?]*\S;\S[^;]*;\S|[^,.!?]*\S,\S[^,\s]*,\S[^,]*$"),
        "a CSV row",
        "write its words as a sentence",
    ),
    PastedKind(
        TABLE_OR_DATA, _is(r"[\w-]+:\s*(?:[|>][-+]?|\[.*\]|\{.*\})?$"), "a YAML key", "write a sentence in its place"
    ),
    PastedKind(TABLE_OR_DATA, _is(r"-?\s*[a-z]\w*_\w+:\s"), "a YAML key", "write the words without the key"),
    PastedKind(
        TIME_CODE,
        _is(
            rf"{_MARKS}(?:[\[(（【]?\s*{_CODE}{_SPAN}{_CODE}|[\[(（【]\s*{_CODE}\s*[\])）】]|{_CODE}\s*(?:$|[-–—|:：]\s))"
        ),
        "a time code",
        "write the length in the shot's header",
    ),
    PastedKind(
        TIME_CODE,
        _is(
            rf"{_MARKS}[\[(（【]?\s*\d{{1,3}}(?:\.\d+)?\s*s?{_SPAN}\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒|с|ث|שנ)\s*[\])）】]?"
        ),
        "a time range",
        "give this part a shot of its own, with its length in the header, or remove the time",
    ),
    PastedKind(
        TIME_CODE,
        _is(rf"{_MARKS}[\[(（【]\s*\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒)\s*[\])）】]"),
        "a length",
        "write the length in the shot's header",
    ),
    PastedKind(
        TIME_CODE,
        _is(rf"{_MARKS}\d{{1,3}}(?:\.\d+)?\s*(?:s|secs?|seconds?|秒)(?:$|\s*[:：]|\s+[-–—]\s|\s?[,，;；]\s?\D)"),
        "a length",
        "write the length in the shot's header",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r".*(?:[.!?]\s+|[。！？]\s*)(?-i:(?:shot|scene)\s[^\W\d_][\w-]*\s(?:[0-9.]+s\b|\")|"
            r"(?:[Ss]hot|[Ss]cene|[Cc]lip|SHOT|SCENE|CLIP|镜头|分镜|场景)\s*#?[0-9]{1,3}[A-Za-z]?\s*(?:[:：(（\[|]|[–—-]\s))"
        ),
        "the beginning of another shot or scene",
        "give it a header of its own at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(rf"{_MARKS}(?:第\s*)?(?:{_SHOT})\s*(?:no\.?\s*)?[#№]?\s*{_NUMBER}[a-z]?\b"),
        "the title of a shot or scene",
        "start a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(rf"{_MARKS}第\s*{_NUMBER}\s*(?:个|個)?(?:{_SHOT}|幕|场|場)(?:$|[\s:：.、，—(（-])"),
        "the title of a shot or scene",
        "start a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(r"\.?(?:INT|EXT|EST|I/E|INT\.?/EXT)[. ]+(?:[^\Wa-z]|.*\s[-–—]\s)", 0),
        "a scene heading of a script",
        "start a scene at column 0: `scene name`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r">?\s*(?:(?:SMASH |MATCH |JUMP |HARD |QUICK )?CUT(?: TO| BACK)?|FADE (?:IN|OUT|TO \w+)|DISSOLVE(?: TO)?|WIPE TO|INTERCUT|BACK TO(?: SCENE)?|THE END)\s*[:.]?\s*<?$",
            0,
        ),
        "a transition of a script",
        "remove it",
    ),
    PastedKind(
        TITLE_LINE,
        _is(r".*[.!?]\s+(?:(?:SMASH |MATCH |JUMP |HARD )?CUT TO|DISSOLVE TO|FADE (?:TO|OUT|IN))\b[^.]*[:.]", 0),
        "a transition of a script",
        "remove it, and give what follows a shot of its own",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"(?:[^\W\d_]|[ '.-]){1,40}\((?:V\.?O\.?|O\.?S\.?|O\.?C\.?|CONT'?D|CONT’D|旁白|画外音)\)", 0),
        "a character's cue of a script",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"@?[A-Z][A-Z][A-Z0-9 '.&/-]{0,29}:?$", 0),
        "a character's cue of a script",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        WORDY_LABEL,
        _is(
            rf"{_MARKS}(?:veo|kling|sora|runway|gen|luma|pika|hailuo|minimax|midjourney|wan|seedance|vidu|firefly|higgsfield|comfyui)"
            rf"(?:[\s-]?[\w.]+){{0,3}}?\s*(?:video |image |text )?prompts?(?:{_END}|\s+[–—-]\s)"
        ),
        "a label",
        "remove it",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:{_LENGTH})(?:\s*\([^)]*\))?{_END}"),
        "a length",
        "write the length in the shot's header",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:time|时间|時間|zeit|tiempo|temps|الوقت|זמן|समय){_END}\d"),
        "a length",
        "write the length in the shot's header",
    ),
    PastedKind(
        LABEL,
        _is(rf"{_MARKS}(?:{_SETTING})(?:\s*\([^)]*\))?{_END}"),
        "a setting",
        "a setting is a line `.name value` above the text",
    ),
    PastedKind(
        WORDY_LABEL, _is(rf"({_MARKS}(?:{_PROMPT})(?:\s*\([^)]*\))?{_END})"), "a label", "remove the label", removes=1
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(rf"{_MARKS}(?:{_BESIDE})(?:\s*\([^)]*\))?{_END}"),
        "dialogue, a caption or a sound",
        "write `.say` for spoken words, `.caption` for words on the screen",
    ),
    PastedKind(
        WORDY_LABEL,
        _is(rf"{_MARKS}[\[(]?(?:{_NOTE})(?:\s*\([^)]*\))?{_END}(.*?)[\])]?$"),
        "a note",
        "write `.note`, or remove it",
        note=1,
    ),
    PastedKind(
        NOTE,
        _is(r".*\b(?:(?-i:TODO|FIXME|TBD|XXX)|lorem ipsum)\b"),
        "a note for later",
        "write `.note`, or remove it",
    ),
    PastedKind(
        NO_PICTURES,
        _is(
            r".*(?:@\s?(?:image|img|video|audio|element|character|char|ref|reference|style|图片|图像|图|视频|音频|元素|主体|画像|動画)\s*[_#-]?\s*\d+|@(?:image|video|audio|element|图片|视频|音频)(?![\w])|<<<[^<>]*>>>|<\s*(?:image|img|video|ref|audio)[ _-]?\d*\s*/?>|\[(?:from )?(?:image|img|video|ref(?:erence)?(?: image| picture| photo)?|pic(?:ture)?|photo|first frame|last frame|图片?|视频)[ _#-]*\d*(?::[^\]]*)?\]|!\[[^\]]*\]\()"
        ),
        "a reference to a picture",
        "describe what is seen in words, because this model accepts no pictures",
    ),
    PastedKind(
        NO_PICTURES,
        _is(rf".*(?:(?:参考|參考|参照)(?:上?图|图片|圖片|视频|影像|画像)|{_OF_A_PICTURE})"),
        "a reference to a picture",
        "describe what is seen in words, because this model accepts no pictures",
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
        "remove it, because this model reads only words",
    ),
    PastedKind(MARKUP, _is(r".*</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>"), "an HTML tag", "remove it"),
    PastedKind(
        MARKUP,
        _is(r".*(?<![*\w])\*{1,3}(?=[^\s*])[^*\n]*[^\s*]\*{1,3}(?![*\w])|.*(?<!\w)__(?=\S)[^\n]*\S__(?!\w)"),
        "Markdown bold or italic",
        "remove the markup",
    ),
    PastedKind(
        MARKUP,
        _is(r".*\[[^\]]+\]\((?:https?:|/|#|\w+\.)[^)]*\)|.*(?<![\w])https?://\S+"),
        "a link",
        "remove it, because the model follows no links",
    ),
    PastedKind(MARKUP, _is(r".*(?<!`)`[^`\n]+`(?!`)"), "Markdown code", "remove the markup"),
    PastedKind(
        MARKUP,
        _is(r"(?!-\s.*\s-$)([-*+•‣◦▪●·✓✔☐☑□■►▶➤]\s+(?:\[[ xX]\]\s*)?)\S"),
        "a list item",
        "remove the marker",
        removes=1,
    ),
    PastedKind(MARKUP, _is(r"(>+\s*)\S"), "a Markdown quotation", "remove the mark", removes=1),
    PastedKind(
        MARKUP,
        _is(r"((?:\d{1,3}[.)、．](?![\d.])|\(\d{1,3}\)|[①-⑳]|[a-z]\)\s)\s*)\S"),
        "an item of a numbered list",
        "start a new shot at column 0, `shot name 5s`, or remove the number",
    ),
    PastedKind(
        WORDY_LABEL,
        _is(r"([\U0001F300-\U0001FAFF☀-➿⏏-⏿⬀-⯿]️?\s*)+\s*\S"),
        "a line marked with an emoji",
        "remove the emoji",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:(?:sure|certainly|of course|no problem|got it)(?:[,!.]|\s[–—-]\s)|here(?:'s| is| are|’s)\s+(?:a|an|the|your|my|some|each|all|\d+)\b.*(?::|prompt|storyboard|shot|scene|version|video|breakdown|script)|below (?:is|are)\b|(?:please )?let me know\b|i hope\b|feel free\b|would you like\b|do you want me\b|if you(?:'d| would) like\b|as an ai\b|i can(?:not|'t| also)\b|i(?:'ve| have) (?:created|written|made|kept|added)\b|you can (?:copy|paste|use)\b|hope this helps|end of (?:scene|script|storyboard)|continued\.*$|\(continued\))"
        ),
        "a chat reply",
        "remove it",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:好的[，,。!！]|当然[，,。!！可]|以下是|下面是|希望(?:这|对)|如果(?:您|你)(?:需要|想)|请告诉我|需要我|はい、|以下は|もちろん|إليك|بالتأكيد|بالطبع|הנה |בטח|यहाँ .*:$|ज़रूर|물론|다음은)"
        ),
        "a chat reply",
        "remove it",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            rf"{_MARKS}[\[(（【<]*(?:[^\w\s]{{1,3}}\s*)?{NUMBERED}[\])）】>*_]*\s*(?:[:：.。、|)）\]】/(（\[【\t]|[-–—]|,\s|[0-9]+\s?s|$)"
        ),
        "the title of a shot or scene",
        "start a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r"\.?(?:int|ext|est|i/e|int\.?/ext)\.\s*\S.*\s[-–—]\s|(?:内景|外景|內景)[.．:：、\s]|(?:داخلي|خارجي|פנים|חוץ|ИНТ|НАТ|ЭКСТ)[.:،,/ ].*[-–—/]"
        ),
        "a scene heading of a script",
        "start a scene at column 0: `scene name`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r"[A-Z][A-Z ]{1,40} TO:$|(?:SUPER|INTERCUT|MONTAGE|TITLE CARD|FLASHBACK|INSERT)(?:\s*[-–—:].*|\s[A-Z -]+)?$|\(?MORE\)?$|IRIS (?:IN|OUT)[.:]?$",
            0,
        ),
        "a line of a script",
        "remove it",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(
            r"[^\W\d_][\w .'-]{0,30}\s*[(（](?:off|voice[ -]?over|画外音|旁白|v\.o\.|o\.s\.|cont'd|pre-?lap|into phone|on phone|filtered)[)）]\W?$|@[A-Z][A-Za-z .'-]*[A-Z]$"
        ),
        "a character's cue of a script",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(
            r"[(（\[](?:beat|a beat|(?:long )?pause|softly|quietly|whispering|whispers|shouting|laughing|crying|sighs?|sotto voce|to (?:him|her|them)(?:self|selves)?|to camera|off[- ]?screen|o\.s\.|v\.o\.|cont'd|more|sarcastic(?:ally)?|angrily|nervously|then)[.]?[)）\]]$"
        ),
        "a direction of a script",
        "write what is seen as a sentence, or take it out",
    ),
    PastedKind(
        TIME_CODE,
        _is(
            rf"{_MARKS}(?:tc\s*)?(?:\d{{1,2}}:\d{{2}}:\d{{2}}(?:[:;.,]\d{{1,3}})?(?:\b|$)|[\[(（【]?\s*{_CODE}\s*(?:[～→〜]|\.{{2,3}}|…)\s*{_CODE}|0?\d:[0-5]\d(?=\s)(?!\s*(?:[ap]\.?m|o'?clock|uhr))(?<=0\d:\d\d)|0:[0-5]\d(?=\s))"
        ),
        "a time code",
        "write the length in the shot's header",
    ),
    PastedKind(
        TIME_CODE,
        _is(
            rf"[^\w\s]{{0,3}}(?:{_NUMBER}(?:\.\d+)?[\s-]?(?:s|secs?|seconds?|秒钟?|초|ث|ثوان|ثانية|שניות|सेकंड|сек)|16:9|9:16|4:3|3:4|1:1|21:9|4:5|2:3|3:2)[^\w\s]{{0,3}}$"
        ),
        "a length or a ratio alone",
        "write the length in the header, and the ratio as `.aspect_ratio …`",
    ),
    PastedKind(TITLE_LINE, _is(rf"[#№]?{_NUMBER}[.:]?$"), "the number of a shot", "remove it"),
    PastedKind(TABLE_OR_DATA, _is(r"[\[\]{}(),;]{1,6}$|[\"'].*[\"'],$|@\w+\{"), "JSON", "remove it"),
    PastedKind(
        MARKUP,
        _is(r".*~~[^~]+~~|.*!\[[^\]]*\]\(|.*</\w+>|.*\\[nrt](?![a-z])|.*【\d+†[^】]*】|={1,6}\s+\S.*\s=+$"),
        "marks of another format",
        "remove the markup",
    ),
    PastedKind(
        MARKUP,
        _is(
            r"((?:\d{1,3}[A-Za-z]?[.)、．](?![\d.])|\d{1,3}\s[-–—]\s|\(\d{1,3}[a-z]?\)|[（]\d{1,3}[）]|[⑴-⒇❶-❿㈠-㈩]|[0-9]\ufe0f?\u20e3|[一二三四五六七八九十]{1,3}、(?![一二三四五六七八九十])|[(（][一二三四五六七八九十a-h][)）]|(?-i:[ivx]{2,4}|[IVX]{2,4})[.)]\s)\s*)\S"
        ),
        "an item of a numbered list",
        "start a new shot at column 0, `shot name 5s`, or remove the number",
    ),
    PastedKind(
        FOREIGN_FLAG,
        _is(
            r".*(?:\(\([^()]+\)\)|\[[^\[\]]+:\d?\.\d+\]|(?:^|\s)--[a-z][\w-]*(?:=|\s+\d)\S*|(?:^|\s)[–—](?:ar|v|q|s|seed|stylize|chaos|niji)\s+\d)"
        ),
        "a flag or a weight of another generator",
        "remove it, because this model reads only words",
    ),
    PastedKind(
        NO_PICTURES,
        _is(
            r".*(?:[\[<【]\s*(?:(?:from|see|insert|use|attach(?:ed)?|upload(?:ed)?|as in|per)\s+)?(?:the\s+)?(?:(?:reference|attached|input|uploaded|start|end|source|above)[ _]+)?(?:image|picture|photo|video|audio|frame|图片?|视频|音频|参考图|صورة|الصورة|תמונה|छवि|imagen|bild)[ _#-]*\d*\s*[\]>】]|\b(?:see|from|use|as in) (?:the )?(?:attached|uploaded|reference|input) (?:image|picture|photo|video)\b|#?\b(?:img|image|video)_\d+\b)"
        ),
        "a reference to a picture",
        "describe what is seen in words, because this model accepts no pictures",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:(?:here|below|above)(?:'s|’s| is| are)?\s.*:$|(?:absolutely|great|okay|ok|perfect|understood|happy to help|thank you|thanks)[!,.:]\s*(?:here|i|let|this|$)|want me to\b|shall i\b|(?:should|can|could) i (?:also|now|add|write|make)\b|i(?:'|’)?(?:ll| will) (?:create|write|help|provide|generate)\b|i(?:'|’)m (?:happy|glad|sorry|unable)\b|i can (?:adjust|create|expand|generate|help|make|provide|refine|write|turn)\b|as (?:requested|per your)\b|based on your\b|please (?:note|provide|confirm|generate|create|ensure|make sure|review)\b|you can (?:also|adjust|change|modify|tweak)\b|(?:this|the) (?:prompt|storyboard|shot list|script|version) (?:is|can|should|uses|captures|has|will|emphasi[sz]es|keeps|adds|focuses|makes|gives|shows)\b|these (?:prompts|shots) (?:are|can|should|will)\b|generate (?:a|an|the)\b.*\b(?:video|clip)\b|create (?:a|an)\b.*\b(?:video|clip)\b|as a language model\b|remember to\b)"
        ),
        "a chat reply",
        "remove it",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:希望您|如需|如有|您可以|您也可以|这是您|没问题[，,。!！]|請告訴我|以下為|承知|かしこまりました|ご希望|ご要望|いかがでしょうか|お役に立て|必要であれば|아래는|원하시면|필요하시면|도움이 되|알려\s?주세요|"
            r"إليكم|فيما يلي|أتمنى أن|آمل أن|أخبرني|هل تريد|هل ترغب|إذا كنت ترغب|להלן|בוודאי|אני מקווה|מקווה ש|ספר לי|תגיד לי|אם תרצה|אם תרצי|האם תרצה|אשמח|"
            r"यहां |यह रहा|जरूर|बिल्कुल[,!]|आशा है|उम्मीद है|मुझे बताएं|मुझे बताएँ|अगर आप चाहें|यदि आप|क्या आप चाहेंगे|"
            r"claro[,!]|por supuesto[,!]|aquí (?:tienes|está (?:el|tu))|espero que (?:esto|te|le)|avísame|bien sûr[,!]|voici (?:le|votre|ton) (?:storyboard|script|prompt|scénario)|j'espère que|n'hésitez|dites-moi|"
            r"gerne[,!]|natürlich[,!]|hier (?:ist|sind) (?:dein|ihr|das|die|der)e? ?(?:storyboard|skript|prompts?|drehbuch)|ich hoffe|sag mir|lass mich wissen|конечно[,!]|вот (?:ваш|твой)|надеюсь|дайте знать|сообщите)"
        ),
        "a chat reply",
        "remove it",
    ),
    PastedKind(
        LABEL,
        _is(
            r".*(?:负面|反向|负向|負面)(?:提示词?|提示詞)\s*[:：]|.*ネガティブ(?:プロンプト)?\s*[:：]|.*[,)\]]\s*(?:negative prompts?|neg(?:ative)?)\s*[:：]|.*\bnegative prompts?\b(?!\s*[:：])"
        ),
        "a list of what should not be seen",
        "write `.avoid …` above the text",
    ),
    PastedKind(
        LABEL,
        _is(
            r"(?:else|endif|end if|elif\b.*|elseif\b.*)\s*[:{;]?$|[Ii]f\b.*(?:[:{]$|==|!=|\bthen\b)\s*.*$|[Ii]f\s+[\w.]+$|\}\s*else\b.*",
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
        "a placeholder to fill in",
        "write the words themselves, or use a `param`",
    ),
    PastedKind(
        TITLE_LINE,
        _is(
            r"shot\s+\S+\s+[\d.]+\s*s(?:ec\w*)?$|(?:shot|scene|clip|panel)\s+[a-z]\s*(?:[:.)]|[–—]\s|\s-\s)|(?-i:\d{1,2}\.\d{1,2}[.)]?\s+[A-ZÀ-Þ])|(?-i:[a-h]\.\s+[A-ZÀ-Þ])"
        ),
        "the title of a shot or an item of a list",
        "start a shot at column 0: `shot name 5s`",
    ),
    PastedKind(
        TIME_CODE,
        _is(rf"(?:from|at|between|von|de|desde)\s+{_CODE}(?:{_SPAN}{_CODE}|\s*[-–—:]\s)|t\s*=\s*\d+(?:\.\d+)?\s*s?\b"),
        "a time code",
        "write the length in the shot's header",
    ),
    PastedKind(
        FOREIGN_FLAG,
        _is(r".*(?:[^\W\d_]:[0-2]\.\d+\b|(?:^|\s)-(?:no|ar|v|q|seed|neg)\s+\S)"),
        "a flag or a weight of another generator",
        "remove it, because this model reads only words",
    ),
    PastedKind(MARKUP, _is(r".*\[\^?\d{1,2}\](?:\W|$)"), "a footnote mark", "remove it"),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(
            rf"[A-Z][A-Z0-9 .'-]+\s*[(（][^()（）]{{1,30}}[)）]:?$|(?!{CAMERA_IN_CAPITALS})[A-Z]{{2}}[A-Z .'-]*:\s*[^\s\d].*|[A-Z][\w'-]+(?: [A-Z][\w'-]+)?:\s*[\"“«「].*[\"”»」]$|\(to [A-Z]\w+\)$|♪.*",
            0,
        ),
        "words that someone speaks",
        "write what is spoken as `.say Name: words`",
    ),
    PastedKind(
        CHATTER,
        _is(
            r"(?:absolutely[!.]|below (?:is|are) .*\b(?:storyboard|shot ?list|prompts?|script|sequence|breakdown|version)s?\b|sure thing[!,.]|(?:i )?hope you (?:like|enjoy|find)|here you go\b|(?:these|this|the) (?:shots?|prompts?|scenes?|storyboard) (?:follows?|keeps?|matche?s?|stays?)\b|.*\byour (?:brief|request|storyboard|instructions|preferences|feedback)\b|如果(?:您|你)|कृपया)"
        ),
        "a chat reply",
        "remove it",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"(?:\[[^\[\]]{2,60}\]|【[^【】]{2,60}】|\((?:sfx|music|fx|sound|vo|note)\b[^()]*\))$"),
        "a note in brackets",
        "write `.note`, or remove it",
    ),
    PastedKind(
        BESIDE_THE_PICTURE,
        _is(r"(?:SFX|BGM|FX|VO|V\.O\.)\s+[^\s:：].*", 0),
        "a sound or spoken words",
        "write what is spoken as `.say words`, or `.note` for the mix",
    ),
    PastedKind(
        LABEL,
        _is(r"else\s+if\b[^.!?]*$|end ?(?:shot|scene|story|for|if)?$", 0),
        "a condition",
        "conditions are written `{% if … %}` and `{% endif %}`",
    ),
)
"""The kinds in order; the first that matches a line is reported."""

ANY_KIND = lazy_pattern("|".join(kind.alternative for kind in KINDS))
"""All kinds in one pattern, because most lines match none."""

TRAILING = lazy_pattern(r"[ \t](?:#|//)[ \t]+\S.*$|[ \t]#{1,6}[ \t]*$")
"""A trailing comment as in programming languages: a sign between blanks."""

INVISIBLE = lazy_pattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2028\u2029\u3164\ufe00-\ufe0d"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\\w\u200d\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]|[\u200c\u200d](?![\\w\U0001f000-\U0001faff\u2600-\u27bf])"
)
"""Invisible characters, which a review does not show; joiners only where they join nothing."""

SECONDS_SAID = lazy_pattern(
    r"(?:duration|length|lasts?|runs? for|时长|持续)\s*[:：]?\s*(?:of |about |approximately )?(\d{1,3})\s*(?:s\b|sec|seconds|秒)",
    re.IGNORECASE,
)
SAYS_FIGURE = lazy_pattern(r"\d\s?(?:s|秒)|\d:\d")
"""Whether a text can contain a length or a ratio at all."""

RATIO_SAID = lazy_pattern(r"(?<![\d:.])(16:9|9:16|1:1|4:3|3:4|21:9|9:21|4:5|5:4|3:2|2:3|2:1)(?![\d:])")
"""Aspect ratios; other numbers with a colon may be a time."""

_SIGN = lazy_pattern(r"[^\w\s.,;'’‘!?()\"“”，。、！？；…«»—–\ufffc-]")
_PIECE = lazy_pattern(
    r"[.!?] (?:shot |scene |[0-9]{1,3} ?s)| (?:shot|scene|clip|frame|ref|reference|panel) #?[0-9]|\.(?:png|jpe?g|webp|gif|mp4|mov|webm|psd|pdf|docx?)\b|[?][?]| cc |^_|\n[ \t]*_|[。！？](?:镜头|分镜|场景)|[Ss]eed [0-9]|egative prompt|[Cc][Ff][Gg] |TODO|FIXME|TBD|XXX|BREAK| AND |www\.|\([\"')0-9]| \([가-힣]|orem |,[^\s\d\"'”’]|;\S|--|\(\(|\t|_| your | attached | uploaded | provided | reference | as (?:the )?(?:first|last|start|end)|[.!?;] (?:[Aa]void|Do not|Don.t|Never show) | -(?:no|ar|v|neg|q|s|seed) "
)


def is_suspicious(text: str) -> bool:
    """Whether a sign in a text makes its lines worth a close look; most prose has none.

    `\ufffc` stands for what braces fill in.
    """
    return _SIGN.search(text) is not None or _PIECE.search(text) is not None


ODD_START = lazy_pattern(
    r"[A-Z]{2}[A-Z .'-]*(?:[(（]|\s[-–—]\s)|[^\w\"“‘'’«「『\ufffc]|[0-9一二三四五六七八九十第①-⓿]|\"[^\"]*\"(?:[,;]|$)|'{3}|\"{3}|[a-hA-HivxIVX]{1,4}[.)]|\S{1,2}[.)）．]"
)
"""A line that does not begin like a sentence."""

_FIRST_WORDS = """
avísame dime si dites-moi j'espère j'ai n'hésitez parfait d'accord bonjour ich sag lass wenn verstanden perfekt hallo unten
duration length seed fps resolution aspect ratio cfg steps sampler sfx bgm fx vo
confidential strictly private happy enjoy good cont'd cont’d cont. music score soundtrack song
just simply let's let’s adjust per to rendered needs rev mon tue wed thu fri sat sun monday tuesday wednesday thursday
friday saturday sunday pro prompt
above absolutely act add additionally alternatively an another any anything approved aquí are art as ask at
aussen außen avoid back based beat below best between can cena certainly cf change chatgpt cheers claro claude
clip clips continue continued copy copyright could create created curl cut dear deepseek delete did dime
dissolve do does don't don’t downloaded echo edited eight einstellung elif else elseif embedding end endif
ensure enter ep error escena espero est exclude expand exported ext fade false feel finally first five fix
footage four frame from gemini generate generated gerne got great happy hard hello here here's here’s hey hi
hier hope how i i'd i'll i'm i've if image inn innen inquadratura insert int intercut iris is it i’d i’ll i’m
i’ve jump keep kein keine klar last let loading made make masterpiece match may montage more music möchten
möchtest na natürlich ne need negative never next nine no none note now null of ok okay one page panel part
paste perfect photo place plan plano please posso posted powered print puedo put quer ready regards regenerate
remember remove repeat rephrase replace reviewed revise reword rewrite same sc scena scene scenes second seconds
secs see segment sek sent sequence seven sh shall shorten shot shots should si six slide smash soll sollen
vermeide evita evite evitar évite évitez wie comme igual mismo misma même gleiche siehe must avoiding bild image imagen imagem foto
sora kling runway veo pika luma hailuo higgsfield voiceover voice vo narrator narration dialogue dialog caption subtitle sfx overlay subject something souhaitez sound sq step summarize super sure szene t take tc ten thank thanks that the then these
third this those three title toma translate true two type understood update use video voici voulez vuoi want
what when where which who why will willst wipe without would written you
"""
FIRST_WORDS = frozenset(_FIRST_WORDS.split())
"""First words of lines that address the author or introduce a list; such lines are checked closely."""

USUAL_START = lazy_pattern(
    r"(?:an?|another|any|her?|his|in|its?|of|one|she|that|their|then|they|two|three|four|five|six|seven|eight|nine|ten|"
    r"the(?! (?:user|client|director|customer|brief|prompts?|script|storyboard|version|end)\b))\b(?!['’])",
    re.IGNORECASE,
)
"""How sentences inside a prompt begin: such a sentence is looked at only where the whole line begins with it."""

OTHER_FIRST_WORDS = lazy_pattern(
    "音乐|音樂|音效|旁白|字幕|配乐|背景音|효과|배경|내레|자막|ナレ|テロップ|用|使用|按|见|以上|接下来|下一个|不要|请勿|禁止|切勿|不得|我|这|是否|根据|收到|明白|随时|注意|日|夜|内|外|晨|早朝|室|他に|こちら|次の|よろし|修正|お待|それでは|では|了解|네|좋|알겠|이상|추가|혹시|수정|더|실내|실외|다음|"
    "حسن|تمام|طبع|أكيد|تفضل|يمكن|لقد|شكر|مرحب|تجنب|بدون|خارج|داخل|קטע|כמובן|מצוין|אפשר|הוספ|שינ|תודה|שלום|הימנע|ללא|חוץ|פנים|ठीक|यहाँ|यहां|नीचे|मैंने|आप|बता|धन्यवाद|नमस्ते|चाहें|बचें|अंदर|बाहर|आंतरिक|"
    "хотите|нужн|сделать|могу|желаете|разуме|хорошо|понял|отлично|готово|привет|здравств|ниже|если|напишите|избег|не |нат|экст|инт|"
    "文字|参|參|如图|以图|避免|接上|承接|延续|与上|前の|前カット|画像|写真|添付|元画像|이전|앞|위와|위의|참조|참고|첨부|이미지|사진|كما|نفس|مثل|صورة|الصورة|镜|鏡|场|場|分镜|分鏡|画面|片段|カット|シーン|ショット|好的|当然|以下|下面|希望|如果|如需|如有|请|請|需要我|您|这是|没问题|はい|もちろん|承知|かしこまり|ご|いかが|お役|必要|"
    "إليك|بالتأكيد|بالطبع|فيما|أتمنى|آمل|أخبرني|هل|إذا|لقطة|مشهد|اللقطة|المشهد|הנה|בטח|להלן|בוודאי|אני|מקווה|ספר|תגיד|אם|האם|אשמח|סצנה|סצינה|שוט|"
    "कृपया|यह|ज़रूर|जरूर|बिल्कुल|आशा|उम्मीद|मुझे|अगर|यदि|क्या|दृश्य|शॉट|सीन|물론|다음|아래|원하|필요|도움|알려|장면|컷|씬|кадр|сцена|план|конечно|вот|надеюсь|дайте|сообщите|ИНТ|НАТ|ЭКСТ|内景|外景|內景|داخلي|خارجي|פנים|חוץ|scène",
    re.IGNORECASE,
)

_LAST_WORDS = """
escena scène сцена दिखाएँ दिखाएं दृश्य शॉट सीन ください ください。 ません。 即可。 参考。 告诉我 告诉我。 까요? 니다 니다. 마세요 마세요. 씬 장면 주세요
주세요.
"""
OTHER_LAST_WORDS = tuple(_LAST_WORDS.split())
"""Last words of lines that address the author or head a scene."""
