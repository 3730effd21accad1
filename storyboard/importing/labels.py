"""The meaning of columns, keys and labels in shot lists, mainly in English and Chinese.

A label that is not in this table is looked up among those that the checks know in many more languages
(`story/checks/pasted_labels.py`): there it is a negative, a setting, part of the picture, or a note. So this table lists
only labels with a more exact meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checks.pasted_labels import known_labels, label_of, normal_form
from storyboard.story.setting_words import MODEL_SETTINGS


def words(row: str) -> frozenset[str]:
    """Split a row at bars."""
    return frozenset(row.split("|"))


class Field(StrEnum):
    """The meaning of a label in a shot, a scene or a film."""

    NUMBER = "number"
    TITLE = "title"
    SCENE = "scene"
    LENGTH = "length"
    START = "start"
    END = "end"
    TIMES = "times"
    PROMPT = "prompt"
    PICTURE = "picture"
    CRAFT = "craft"
    SAY = "say"
    SPEAKER = "speaker"
    CAPTION = "caption"
    NEGATIVE = "negative"
    NOTE = "note"
    CHARACTERS = "characters"
    STYLE = "style"
    LOGLINE = "logline"
    SETTING = "setting"


FIELD_LABELS: Mapping[Field, str] = {
    Field.NUMBER: (
        "sh|sh.|sh #|кадр|№|номер|№ кадра|номер кадра|컷|컷 번호|컷번호|번호|샷|inquadratura|çekim|stt|no|شماره|نما|ช็อต|toma|nº|n°|#|no|no.|nr|nr.|number|num|index|id|shot|shots|shot no|shot no.|shot number|shot id|shot #|clip|clip id|clip number|panel|"
        "frame|frame number|address|cut|cut no|order|sequence number|镜号|镜头号|镜头编号|镜头序号|镜次|编号|序号|号|分镜|分镜号|镜頭號|鏡號|鏡頭|编码|"
        "カット番号|カット|番号|رقم|رقم اللقطة|اللقطة|لقطة|מספר|número|plano|plan|einstellung|nummer"
    ),
    Field.TITLE: "project|project name|project title|film title|video title|项目|项目名称|影片名称|作品名|название|제목|titolo|başlık|title|name|shot name|shot title|heading|scene title|scene name|headline|标题|名称|镜头名|姓名|名字|片名|剧名|標題|العنوان|عنوان|título|titre|titel",
    Field.SCENE: (
        "sc|sc.|sc #|cena|сцена|номер сцены|장면|씬|씬 번호|scena|sahne|cảnh|adegan|صحنه|ฉาก|दृश्य|scene|scene no|scene no.|scene number|scene id|scene #|sequence|act|场次|场号|场景号|场|幕|場次|場號|シーン|シーン番号|"
        "رقم المشهد|المشهد|مشهد|סצנה|escena|scène|szene"
    ),
    Field.LENGTH: (
        "n seconds|num seconds|video length|video duration|seconds long|길이|초|러닝타임|재생시간|длина|хронометраж|sekunden|segundos|süre|thời lượng|durasi|مدت|ความยาว|laufzeit|duration|length|len|dur|seconds|secs|sec|s|duration s|duration sec|duration seconds|duration in seconds|length s|duration ms|"
        "clip length|shot length|shot duration|clip duration|time s|est. duration|runtime|run time|时长|长度|秒数|秒|镜头时长|持续时间|时长秒|"
        "時長|秒數|長さ|尺|秒数|المدة|مدة|المدّة|الطول|משך|अवधि|duración|durée|dauer|länge|durata|duração|длительность"
    ),
    Field.START: "start|start time|starttime|in|in point|tc in|from|begin|time in|timecode in|start s|start seconds|start sec|start timecode|开始|开始时间|起始|起始时间|入点|البداية",
    Field.END: "end|end time|endtime|out|out point|tc out|to|until|time out|timecode out|end s|end seconds|end sec|end timecode|结束|结束时间|终止|出点|النهاية",
    Field.TIMES: "시간|타임|타임코드|время|тайм код|таймкод|tempo|zeit|temps|tiempo|waktu|เวลา|زمان|time|times|timing|timecode|time code|tc|timestamp|timestamps|time range|range|时间|时间码|时间段|起止时间|时间轴|時間|時間碼|タイム|タイムコード|الزمن|الوقت|التوقيت",
    Field.PROMPT: (
        "prompt|prompts|video prompt|text prompt|final prompt|full prompt|positive prompt|positive|t2v prompt|text to video prompt|"
        "generation prompt|ai prompt|image prompt|visual prompt|shot prompt|提示词|视频提示词|正向提示词|正面提示词|画面提示词|生成提示词|提示詞|"
        "プロンプト|프롬프트|الموجه|برومبت|البرومبت|פרומפט|prompt de vídeo|invite|промпт"
    ),
    Field.PICTURE: (
        "화면|영상|화면 내용|화면 설명|설명|내용|묘사|изображение|видео|видеоряд|действие|картинка|описание кадра|bild|bildinhalt|bildbeschreibung|inhalt|handlung|visuel|image|acción|imagen|imagem|ação|immagine|azione|görüntü|açıklama|mô tả|hình ảnh|nội dung|deskripsi|gambar|توضیح|شرح|توضیحات|تصویر|คำอธิบาย|ภาพ|descrição da cena|description|desc|descr|visual|visuals|visual description|scene description|shot description|picture|image|action|actions|content|video|"
        "what we see|on screen action|details|画面|画面描述|画面内容|内容|描述|场景描述|镜头描述|镜头内容|画面说明|情节|动作|畫面|內容|"
        "内容説明|映像|説明|الوصف|وصف|وصف المشهد|وصف اللقطة|תיאור|विवरण|descripción|descrição|beschreibung|descrizione|описание|hook|cta|intro|outro|text|文字|文本|النص|نص|texto|texte"
    ),
    Field.CRAFT: "cam|cam move|cam angle|camera move|move|size|framing",
    Field.SAY: (
        "대사|реплика|реплики|диктор|закадровый текст|закадровый голос|narração|locução|locución|narración|narrazione|erzähler|diyalog|lời thoại|lời bình|dialog|دیالوگ|گفتگو|บทพูด|dialogue|dialogues|dialog|dial|dlg|line|lines|voice over|voiceover|voice|vo|v o|v.o.|narration|narrator|speech|spoken|script|audio script|"
        "voice over script|dialogue narration|dialogue vo|lyrics|台词|对白|旁白|解说|解说词|配音|口播|台詞|對白|歌词|对白旁白|台词旁白|旁白台词|say|says|spoken words|"
        "セリフ|ナレーション|대사|내레이션|حوار|الحوار|التعليق الصوتي|تعليق صوتي|الراوي|דיאלוג|קריינות|संवाद|diálogo|diálogos|voz en off|"
        "dialogo|voix off|sprecher|диалог"
    ),
    Field.SPEAKER: "speaker|said by|who speaks|说话人|发言人|讲述者|المتحدث",
    Field.CAPTION: (
        "end card|text card|end title|end super|tagline|slogan|标题卡|片尾字幕|caption|captions|subtitle|subtitles|on screen text|onscreen text|text on screen|screen text|overlay|text overlay|super|supers|"
        "title card|lower third|graphics|字幕|字幕文案|文案|屏幕文字|画面文字|花字|贴纸文字|テロップ|자막|الترجمة|النص على الشاشة|نص على الشاشة|"
        "texto na tela|texto no ecrã|texte à l'écran|texteinblendung|화면 자막|"
        "כתובית|कैप्शन|texto en pantalla|subtítulo|untertitel|титры"
    ),
    Field.NOTE: (
        "áudio|аудио|som|ses|müzik|âm thanh|suara|صدا|เสียง|ses efekti|примечания|примечание|заметки|비고|메모|observações|observaciones|anmerkungen|remarques|audio|sound|sounds|sfx|sound effects|sound design|sound effect|music|bgm|score|ambience|foley|transition|transitions|"
        "transition in|transition out|status|props|wardrobe|costume|location notes|equipment|crew|purpose|goal|beat|duration notes|"
        "reference|references|reference image|reference images|input image|image url|first frame|last frame|keyframe|备註|注释|音效|音乐|配乐|声音|"
        "背景音乐|转场|道具|服装|参考图|参考|首帧|尾帧|音樂|الموسيقى|موسيقى|الصوت|المؤثرات الصوتية|notizen|música|musique|musik|ton|son|sonido|suono|audio|"
        "音|se|ambient sound|ambient sounds|room tone|사운드|배경음악|声效|音响|环境音|背景音|geräusch|geräusche|soundeffekte|bruitage|bruitages|"
        "effets sonores|efectos de sonido|sonidos|efeitos sonoros|trilha|trilha sonora|banda sonora|effetti sonori|suoni|الأصوات|مؤثرات|مؤثرات صوتية|"
        "звук|музыка|効果音|音楽|音声|효과음|음악|소리|job|file|clip file|multi shot"
    ),
    Field.CHARACTERS: "characters|character list|cast|main characters|dramatis personae|人物|角色|人物设定|角色设定|主要人物|人物表|角色表|الشخصيات|personajes|personnages|figuren",
    Field.STYLE: (
        "style|visual style|art style|overall style|look|look and feel|aesthetic|global style|style prompt|film style|style suffix|"
        "风格|画风|视觉风格|整体风格|影片风格|美术风格|風格|スタイル|画風|الأسلوب|أسلوب|estilo|stil"
    ),
    Field.LOGLINE: "logline|synopsis|summary|story|concept|premise|overview|brief|abstract|梗概|故事梗概|剧情简介|简介|概述|故事|主题|内容简介|ملخص|القصة|sinopsis",
}

_QUALIFIERS = words(
    "approx|approximate|est|estimated|target|planned|actual|total|shot|clip|video|your|the|runway|kling|veo|sora|luma|pika|"
    "midjourney|mj|hailuo|minimax|seedance|vidu|firefly|kirin|即梦|可灵"
)
"""Words before a label that leave its meaning as it is: some name the program that the text was written for."""
_UNITS = words("s|sec|secs|second|seconds|in|ms|秒|min|minutes|mm|ss|m")
"""Words behind a label of a time that say how it is written."""
_LANGUAGES = words(
    "en|eng|english|zh|cn|chinese|英文|中文|英语|汉语|中|英|fr|french|de|german|es|spanish|ja|japanese|ar|arabic"
)
"""Words beside a label that say in which language its text is."""
_TIMES = frozenset((Field.LENGTH, Field.START, Field.END, Field.TIMES))


class LabelledText(NamedTuple):
    """A line that begins with a label: its meaning, the label as written, and the text after it."""

    field: Field
    label: str
    text: str


def plain_label(written: str) -> str:
    """Normalise a label: no underscores, capitals or marks, and JSON keys split into words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", written)
    spaced = re.sub(r"[_/&+|、／()（）\[\]]+", " ", spaced)
    return normal_form(spaced) or normal_form(written)


@lru_cache(maxsize=4096)
def field_of(written: str) -> Field | None:
    """Return the meaning of a label; None if it is unknown."""
    bare = written.strip().strip("*_`").rstrip(":：").strip()
    for label in (normal_form(bare), plain_label(bare), bare.casefold()):
        if (known := _table().get(label)) is not None:
            return known
        if label in MODEL_SETTINGS:
            return Field.SETTING
    if (known := _bare_meaning(plain_label(bare))) is not None:
        return known
    if _ENDS_AS_PROMPT.fullmatch(plain_label(bare)) is not None:
        return Field.PROMPT
    parts = [part.strip() for part in re.split(r"[/&+|、／]|\band\b|和", bare) if part.strip()]
    if len(parts) > 1 and (meanings := [field_of(part) for part in parts])[0] is not None and all(meanings):
        return meanings[0]
    forms = (plain_label(bare), normal_form(bare), normal_form(bare).rstrip("."))
    kind = next((kind for form in forms if (kind := known_labels().get(form)) is not None), None)
    if kind is None:
        return None
    return {"negative": Field.NEGATIVE, "setting": Field.SETTING, "beside": Field.NOTE, "craft": Field.CRAFT}[kind]


def _bare_meaning(label: str) -> Field | None:
    """Return the meaning of a label such as `Est. dur. (sec)` without the words around it that do not change it."""
    parts = [stripped for part in label.split() if (stripped := part.strip(".,:-"))]
    while len(parts) > 1 and parts[0] in _QUALIFIERS | _LANGUAGES:
        del parts[0]
    while len(parts) > 1 and parts[-1] in _LANGUAGES:
        del parts[-1]
    known = _table().get(" ".join(parts))
    while known is None and len(parts) > 1 and parts[-1] in _UNITS:
        del parts[-1]
        known = _table().get(" ".join(parts))
        if known not in _TIMES:
            known = None
    return known


_ENDS_AS_PROMPT = lazy_pattern(
    r"(?!.*(?:negative|avoid|exclude|system|audio|sound|music|voice|style|\b(?:neg|your|the|these|this|are|is|for|each|here|"
    r"following|my|our|all)\b))(?:[\w.]+ ){1,3}prompts?|[^负反負]{1,8}(?:提示词|提示詞)"
)
"""Other names of a column of prompts, such as `Motion prompt` and `Gen-4 prompt`."""


def setting_name(label: str) -> str | None:
    """Return the setting that a label stands for; None if a story has no such setting, and the label becomes a note."""
    return MODEL_SETTINGS.get(normal_form(label)) or MODEL_SETTINGS.get(plain_label(label))


def labelled(line: str) -> LabelledText | None:
    """Find the label that a line begins with, such as `Duration: 5s` or `**画面：** …`, and the text after it."""
    if line[:1] in ("{", "["):
        return None
    match = re.match(
        r"[*_`\s]*([^:：\n]{1,48}?)[*_`\s]*(?!(?<=\d):\d)[:：][*_`]*(?=\s|$|[^\x00-\x7f/\\]|[\"'\d*\[(])[\s]*", line
    )
    if match is not None:
        label = match[1].strip("*_` ")
        known = field_of(label)
        if known is not None and len(label.split()) <= 5:
            return LabelledText(known, label, line[match.end() :].strip())
    pasted = label_of(line)
    if pasted is None:
        return None
    known = field_of(pasted.words)
    if known is None:
        return None
    return LabelledText(known, pasted.words, line[pasted.behind :].strip())


def aside_of(label: str) -> str | None:
    """Return what a label says in brackets, with the label: `VO: whispering` for `VO (whispering)`; units say nothing."""
    found = re.fullmatch(r"\s*(.*?)\s*[(（\[【]([^()（）\[\]【】]+)[)）\]】]\s*", label)
    if found is None or not found[1] or set(plain_label(found[2]).split()) <= _UNITS | _LANGUAGES:
        return None
    return f"{found[1]}: {found[2].strip()}"


def is_label(word: str) -> bool:
    """Whether a word before a colon is a label rather than somebody's name."""
    return field_of(word) is not None


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Field]:
    return {
        normal_form(word) or word: field
        for field, row in reversed(list(FIELD_LABELS.items()))
        for word in row.split("|")
        if word
    }
