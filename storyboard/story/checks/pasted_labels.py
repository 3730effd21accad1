"""Labels that other documents put before their texts (`Duration: 5s`, `负面提示词：模糊`), in many languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal
from unicodedata import category, normalize

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern

LabelKind = Literal["negative", "setting", "beside", "craft"]
"""The meaning of a label: negatives, a setting, words beside the picture, or a part of a prompt."""

LONGEST = 48
"""Longest label before a colon, in characters."""

LONGEST_SETTING = 40
"""Longest line that can be a label and a number without a sign between them, such as `Duration 5s`."""

_NEGATIVE = """
negative prompt|negative prompts|negative|negatives|neg prompt|neg|negative text|avoid|exclude|excludes|exclusions|do not include|no|not|sin|sans|ohne|без|senza|sem|zonder|bez|बिना|negative cues|negative words|negative terms|undesired|
dont include|don't include|do not show|don't show|don't|do not|never show|unwanted|avoiding|things to avoid|must not|must not contain|must not include|must not show|
负面提示词|负面提示|负面词|负面|反向提示词|反向提示|负向提示词|负向提示|负面描述|反面提示词|排除|避免|避免出现|不想要|不要|禁止|不要出现|負面提示詞|負面提示|負向提示詞|負面|反向提示詞|
ネガティブプロンプト|ネガティブ|除外|避ける|禁止事項|네거티브 프롬프트|네거티브|부정 프롬프트|제외|피할 것|
سلبي|السلبي|السلبية|سلبية|موجه سلبي|الموجه السلبي|المطالبة السلبية|برومبت سلبي|البرومبت السلبي|النص السلبي|وصف سلبي|تجنب|غير مرغوب|غير مرغوب فيه|تجنّب|استبعاد|بدون|
שלילי|פרומפט שלילי|הנחיה שלילית|שלילה|להימנע|להימנע מ|ללא|लेकिन नहीं|नकारात्मक|नकारात्मक प्रॉम्प्ट|नकारात्मक संकेत|नेगेटिव|नेगेटिव प्रॉम्प्ट|बचें|निषेध|
prompt negativo|negativo|negativos|indicación negativa|evitar|evite|excluir|prompt négatif|invite négative|négatif|éviter|évitez|exclure|à éviter|
negativer prompt|negativprompt|negativ|vermeiden|ausschließen|prompt negativi|negativi|evitare|escludere|
негативный промпт|негатив|негативный запрос|отрицательный промпт|исключить|избегать|negatywny prompt|negatywny|unikaj|negatif prompt|negatif|
prompt negatif|negatieve prompt|negatief|vermijd|negativ prompt|undvik|lời nhắc tiêu cực|negatif istem|kaçın
"""
_SETTING = """
dur|model|model name|model version|engine|duration|durations|length|clip length|video length|shot length|video duration|shot duration|clip duration|runtime|run time|
running time|total duration|total length|timing|time code|timecode|timestamp|time range|start|end|start time|end time|in point|out point|seconds|secs|sec|
aspect ratio|aspect|ratio|ar|model hash|vae|lora|loras|clip skip|hires upscale|hires upscaler|hires steps|upscaler|scheduler|denoise|denoising|denoising strength|motion strength|motion bucket|camera fixed|native audio|style preset|camera path|lip sync|resolution|res|frame rate|framerate|fps|seed|cfg|cfg scale|guidance|guidance scale|steps|sampler|sampling steps|mode|
take|width|height|dimensions|output format|file name|filename|file|output|shot number|shot no|shot id|scene number|scene id|clip id|id|shot|scene|clip|panel|frame|frames|
number of shots|shots|total|subtotal|sum|row|column|status|version|date|author|credit|source|draft date|contact|copyright|budget|model card|pack|
模型|时长|持续时间|片长|总时长|镜头时长|时间|时间码|起止时间|画幅|比例|宽高比|画面比例|视频比例|长宽比|画幅比例|分辨率|帧率|种子|随机种子|镜号|镜头号|场号|编号|序号|版本|作者|日期|
時長|持續時間|畫幅|畫面比例|解析度|長寬比|模型名称|
モデル|長さ|尺|秒数|時間|再生時間|アスペクト比|画角比|解像度|フレームレート|シード|シード値|カット番号|番号|
모델|길이|시간|재생 시간|화면비|화면 비율|종횡비|비율|해상도|프레임 레이트|시드|번호|
النموذج|نموذج|المدة|مدة|المدّة|الطول|الزمن|نسبة العرض إلى الارتفاع|نسبة الأبعاد|الأبعاد|النسبة|الدقة|دقة|معدل الإطارات|البذرة|رقم اللقطة|رقم المشهد|
דגם|מודל|משך|אורך|זמן|יחס|יחס גובה רוחב|יחס רוחב גובה|יחס תצוגה|יחס מסך|רזולוציה|קצב פריימים|זרע|מספר שוט|
मॉडल|अवधि|समय|लंबाई|पहलू अनुपात|आस्पेक्ट रेशियो|अनुपात|रिज़ॉल्यूशन|रिज़ोल्यूशन|फ्रेम दर|सीड|शॉट संख्या|
modelo|duración|relación de aspecto|proporción|formato de imagen|resolución|semilla|fotogramas por segundo|número de plano|
modèle|durée|rapport d'aspect|ratio d'aspect|format d'image|résolution|graine|cadence|numéro de plan|
modell|dauer|länge|laufzeit|seitenverhältnis|bildformat|auflösung|bildrate|startwert|einstellungsnummer|
modello|durata|proporzioni|risoluzione|duração|proporção|proporção de tela|resolução|
модель|длительность|продолжительность|хронометраж|соотношение сторон|разрешение|частота кадров|сид|номер кадра|
czas trwania|proporcje|rozdzielczość|süre|en boy oranı|çözünürlük|duur|beeldverhouding|längd|bildförhållande|durasi|rasio aspek|thời lượng|tỷ lệ khung hình
"""
_BESIDE = """
dialogue|dialogues|dialog|dialogs|line|lines|voice over|voiceover|voice|vo|v o|v.o.|v.o|o.s.|narration|narrator|speech|speaks|says|spoken|script|lyrics|
subtitle|subtitles|caption|captions|overlay|text overlay|on screen text|onscreen text|on screen|screen text|text on screen|text on the screen|title on screen|words on screen|super|supers|title card|lower third|cta|hook|logline|
synopsis|summary|note|notes|nb|n.b.|todo|fixme|comment|comments|remark|remarks|director's note|directors note|director's notes|production note|production notes|
editor's note|note to self|notes to self|note to editor|editor|director|producer|obs|obs.|alternative prompt|alt prompt|alternate prompt|why it works|why|explanation|rationale|reasoning|pro tip|client feedback|client notes|approved by|reviewed by|changes|revision|revisions|changelog|fyi|ps|p.s.|question|questions|answer|update|client|alt|regieanweisung|regie|user|assistant|system|human|reminder|important|tip|tips|warning|disclaimer|key points|feedback|
台词|对白|旁白|解说|解说词|配音|字幕|字幕文案|文案|屏幕文字|备注|注|注意|说明|提示|歌词|导演备注|台詞|對白|配音稿|備註|
セリフ|ナレーション|語り|テロップ|メモ|備考|注記|歌詞|대사|내레이션|나레이션|자막|메모|비고|참고|
حوار|الحوار|تعليق صوتي|التعليق الصوتي|الراوي|ترجمة|الترجمة|نص على الشاشة|النص على الشاشة|ملاحظة|ملاحظات|
דיאלוג|קריינות|קריין|כתובית|כתוביות|כיתוב|טקסט על המסך|הערה|הערות|
संवाद|वॉइसओवर|वॉयसओवर|वॉइस ओवर|वॉयस ओवर|कथन|कैप्शन|उपशीर्षक|टिप्पणी|नोट|
diálogo|diálogos|voz en off|narración|locución|subtítulo|subtítulos|nota|notas|texto en pantalla|
voix off|narration|bruitage|bruitages|sous titre|sous titres|remarque|remarques|texte à l'écran|dialogue|
sprecher|off stimme|untertitel|anmerkung|anmerkungen|notiz|hinweis|erzähler|texteinblendung|
dialogo|voce fuori campo|sottotitoli|note|narração|locução|legenda|legendas|observação|observações|texto na tela|texto no ecrã|efeitos sonoros|efectos de sonido|effetti sonori|effets sonores|
диалог|диалоги|закадровый голос|реплика|титры|субтитры|примечание|заметка|комментарий|текст на экране|
napisy|altyazı|diyalog|ondertiteling|undertext|
"""
_CRAFT = """
prompt|prompts|video prompt|image prompt|positive prompt|positive|positive prompts|text prompt|text to video prompt|t2v prompt|motion prompt|full prompt|final prompt|main prompt|
description|visual|visuals|visual description|scene description|shot description|title|scene title|shot title|heading|name|camera|camera movement|camera movements|
camera angle|camera angles|camera motion|camera work|camerawork|cinematography|shot type|shot size|lens|focal length|movement|motion|angle|angles|framing|composition|
style|visual style|art style|style notes|aesthetic|look|lighting|light|mood|tone|atmosphere|vibe|setting|location|place|environment|background|foreground|subject|subjects|
action|actions|character|characters|cast|wardrobe|costume|props|time|time of day|weather|genre|quality|format|size|palette|color palette|colour palette|color|colour|colors|colours|
color grade|color grading|colour grading|sound|sound effects|sound design|ambient sound|ambient sounds|room tone|sfx|audio|music|score|bgm|ambience|ambient|foley|transition|transitions|vfx|effects|fx|keywords|tags|
details|context|goal|purpose|output prompt|beat|key frame|keyframe|first frame|last frame|start frame|end frame|starting frame|ending frame|opening frame|closing frame|final frame|logo|logos|branding|reference|references|reference image|image|input image|
提示词|正向提示词|正面提示词|视频提示词|画面提示词|描述|画面描述|画面|画面内容|内容|标题|片名|镜头|镜头语言|镜头运动|运镜|景别|机位|拍摄角度|角度|焦段|风格|画风|视觉风格|光线|灯光|光影|
氛围|情绪|场景|地点|环境|背景|前景|主体|人物|角色|动作|服装|道具|天气|构图|色调|色彩|音效|音乐|配乐|声音|转场|特效|参考图|提示詞|畫面|鏡頭|風格|燈光|場景|
プロンプト|説明|内容|タイトル|カメラ|カメラワーク|カメラアングル|アングル|構図|スタイル|画風|照明|ライティング|光|雰囲気|場所|ロケーション|背景|被写体|人物|登場人物|キャラクター|動き|アクション|
音楽|効果音|音声|音|シーン|カット|映像|天気|トーン|
프롬프트|설명|제목|카메라|카메라 움직임|카메라 무빙|앵글|구도|스타일|화풍|조명|분위기|장소|배경|피사체|인물|등장인물|동작|액션|음악|효과음|소리|장면|
الموجه|موجه|المطالبة|برومبت|البرومبت|الوصف|وصف|العنوان|عنوان|الكاميرا|كاميرا|حركة الكاميرا|زاوية الكاميرا|زاوية|الأسلوب|أسلوب|النمط|نمط|الإضاءة|إضاءة|المزاج|الجو|
الأجواء|المكان|الموقع|المشهد|مشهد|الخلفية|الشخصية|الشخصيات|الحركة|الموسيقى|موسيقى|الصوت|المؤثرات الصوتية|اللقطة|
פרומפט|הנחיה|תיאור|כותרת|מצלמה|המצלמה|תנועת מצלמה|זווית|סגנון|תאורה|אווירה|מצב רוח|מיקום|רקע|דמות|דמויות|פעולה|מוזיקה|סאונד|אפקטים|סצנה|שוט|
प्रॉम्प्ट|विवरण|शीर्षक|कैमरा|कैमरा मूवमेंट|कैमरा गति|कोण|शैली|स्टाइल|प्रकाश|रोशनी|लाइटिंग|मूड|माहौल|स्थान|पृष्ठभूमि|पात्र|क्रिया|संगीत|ध्वनि|दृश्य|शॉट|
cámara|movimiento de cámara|ángulo|estilo|iluminación|luz|ambiente|atmósfera|escena|lugar|escenario|personaje|personajes|acción|música|sonido|descripción|título|encuadre|
caméra|mouvement de caméra|angle|éclairage|lumière|ambiance|atmosphère|scène|lieu|décor|personnage|personnages|musique|son|titre|cadrage|invite|
kamera|kamerafahrt|kamerabewegung|kameraführung|stil|licht|beleuchtung|stimmung|ort|schauplatz|szene|figur|figuren|handlung|musik|ton|beschreibung|titel|bild|aktion|
telecamera|stile|illuminazione|luce|atmosfera|luogo|personaggi|azione|musica|suono|descrizione|titolo|câmera|câmara|iluminação|cenário|ação|som|descrição|
камера|движение камеры|ракурс|стиль|свет|освещение|настроение|атмосфера|место|локация|сцена|персонаж|персонажи|действие|музыка|звук|описание|название|промпт|кадр
"""

CAMERA_IN_CAPITALS = (
    r"(?-i:[A-Z0-9 /'-]*\b(?:SHOT|CLOSE|CLOSEUP|WIDE|MEDIUM|POV|ANGLE(?! ON)|VIEW|MACRO|AERIAL|DRONE|ESTABLISHING|TRACKING|DOLLY|PAN|"
    r"TILT|ZOOM|CRANE|ORBIT|HANDHELD|OVERHEAD|MONTAGE|SILHOUETTE|TIME-?LAPSE|SLOW MOTION|OTS|ECU|MCU|BCU|CU|EWS|ELS|WS|MS|"
    r"MLS|LS)\b[A-Z0-9 /'-]*(?:[:.]| [—–-] ))"
)
"""Words of the camera before a colon or dash: `WIDE SHOT: …` is how a prompt begins, not who speaks in it."""
_SEPARATOR = lazy_pattern(r"[ \t]*(?:->|=>|→)|[:：﹕=＝|｜]|[ \t]+[-–—][ \t]+")
_PROMPTS = ("prompt", "提示", "プロンプト", "프롬프트", "الموجه", "פרומפט", "प्रॉम्प्ट", "промпт")
"""What labels of a prompt as a whole contain; other labels of a prompt may stand between its sentences."""
_COLONS = (":", "：", "﹕")
_BLANKS = lazy_pattern(r"[\s_*`\"'“”‘’\-–/]+")
_ASIDE = lazy_pattern(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_MODIFIERS = frozenset(
    [
        "total",
        "overall",
        "full",
        "final",
        "estimated",
        "approximate",
        "approx",
        "suggested",
        "recommended",
        "target",
        "optional",
        "main",
        "primary",
        "my",
        "our",
        "this",
        "shot",
        "scene",
        "clip",
        "video",
        "film",
        "image",
        "default",
        "desired",
        "required",
        "preferred",
        "general",
        "global",
        "opening",
        "closing",
        "new",
        "updated",
        "revised",
        "output",
    ]
)
_ASPECT_WORDS = """
cue cues note notes text type level setting settings setup details info description idea ideas direction directions
effect effects reference references ref
"""
_ASPECTS = frozenset(_ASPECT_WORDS.split())
"""Words that may follow a label without changing its meaning: `Music cue`, `Overlay text`."""
_LABELS_INSIDE = lazy_pattern(r"(?:^|[.;,!?。；，])\s*([^.;,!?。；，:：]{2,30})[:：]")
_INNER = lazy_pattern(
    r"[.;!?。；！？)\]】）]\s*([^\W\d_][^.;,!?。；，！？:：()（）\[\]\"“”]{0,29})[:：](?!//)\s*(?=\S)"
)
"""A label after the end of a sentence or an aside, with something behind it."""
_QUOTED = r"(?:\"[^\"]*%s\"|“[^”]*%s”|«[^»]*%s»|「[^」]*%s」)"
_SENTENCE = lazy_pattern(
    rf"(?:[^.;。；!?！？\"“«「]|[.](?=\S)|{_QUOTED % (('(?<![.!?。！？])',) * 4)}|[\"“«「](?![^\"”»」]*[\"”»」]))*"
    rf"(?:{_QUOTED % (('[.!?。！？]',) * 4)})?"
)
"""The rest of a sentence, which also ends with what is quoted in it and ends itself."""
_FIGURE = lazy_pattern(r"\S{0,12}[0-9]\S*$|(?:[^\W\d_]{2,10} )?v?[0-9]")
_OPEN_QUOTE = lazy_pattern(r"[\"“「『«][^\"”」』»]*$")
_ALSO_PROSE = frozenset(
    [
        "no",
        "not",
        "sin",
        "sans",
        "ohne",
        "without",
        "senza",
        "sem",
        "zonder",
        "bez",
        "start",
        "end",
        "take",
        "shot",
        "shots",
        "scene",
        "clip",
        "panel",
        "frame",
        "frames",
        "total",
        "sum",
        "row",
        "column",
        "status",
        "version",
        "date",
        "author",
        "credit",
        "source",
        "file",
        "id",
        "output",
        "ratio",
        "length",
        "width",
        "height",
        "steps",
        "mode",
        "time",
        "res",
        "ar",
        "model",
        "budget",
        "dimensions",
        "line",
        "lines",
        "speech",
        "says",
        "spoken",
        "speaks",
        "script",
        "voice",
        "super",
        "supers",
        "overlay",
        "hook",
        "answer",
        "question",
        "user",
        "human",
        "system",
        "update",
        "why",
        "alt",
        "ps",
        "tip",
        "tips",
        "important",
        "warning",
        "reminder",
        "client",
        "text",
        "feedback",
    ]
)
"""Labels that a sentence may well begin with: in the middle of a line they count only before a figure."""
_SOUNDS = frozenset(
    [
        "music",
        "sfx",
        "sound effects",
        "bgm",
        "soundtrack",
        "audio",
        "音乐",
        "音效",
        "背景音乐",
        "配乐",
        "音樂",
        "效果音",
        "효과음",
        "음악",
        "배경음악",
        "사운드",
        "musik",
        "musique",
        "música",
        "sonido",
        "som",
        "bruitage",
        "geräusche",
        "موسيقى",
        "музыка",
        "звук",
    ]
)
"""Labels for what is heard. A prompt may name a sound; in a label of its own it is for the mix."""
_ONLY_LABELS = frozenset(
    [
        "vo",
        "v.o.",
        "voiceover",
        "voice over",
        "narrator",
        "narration",
        "dialogue",
        "dialog",
        "caption",
        "subtitle",
        "sfx",
        "on screen text",
        "text on screen",
        "overlay text",
        "text overlay",
        "title card",
        "subject",
        "prompt",
    ]
)
"""Labels after which a dash is enough: no sentence begins with them and a dash."""
_NUMBER_BEHIND = lazy_pattern(r"[ #]*[0-9]+$")
_VALUE = lazy_pattern(r"[ \t]*[\"'~≈约約]?[0-9٠-٩०-९]")


class PastedLabel(NamedTuple):
    """A label at the start of a line: its words, its meaning, and where the text after it begins."""

    words: str
    kind: LabelKind
    behind: int


class InnerLabel(NamedTuple):
    """A label in the middle of a line: its words, its meaning, where it begins, where the text after it begins, and
    where the sentence ends."""

    words: str
    kind: LabelKind
    start: int
    behind: int
    end: int


def inner_label(line: str) -> InnerLabel | None:
    """Return the first label after a sentence of a line that belongs in no prompt: `She waits. Duration: 5s.`"""
    for found in _INNER.finditer(line):
        label = _without_modifiers(normal_form(found[1]))
        kind: LabelKind | None = "beside" if label in _SOUNDS else known_labels().get(label)
        if kind is None or kind == "craft" or _OPEN_QUOTE.search(line, 0, found.start(1)) is not None:
            continue
        sentence = _SENTENCE.match(line, found.end())
        end = sentence.end() if sentence is not None else len(line)
        if label in _ALSO_PROSE and _FIGURE.match(line, found.end(), end) is None:
            continue
        return InnerLabel(label, kind, found.start(1), found.end(), end)
    return None


def is_left_inside(label: PastedLabel, text: str) -> bool:
    """Whether a label that begins a later sentence of a line is no sign of something pasted: it is one of a prompt, or
    a setting, which `inner_label` finds where it says a value. `Frame 2:` is the title of another shot.
    """
    written = text[: label.behind].rstrip(" \t*_")
    if written[-1:] not in _COLONS or any(map(str.isdigit, written)):
        return False
    if label.kind == "craft":
        return not any(word in label.words for word in _PROMPTS)
    return label.kind == "setting" or label.words in _ALSO_PROSE


def _without_modifiers(label: str) -> str:
    """Remove words such as "total" before a label, or "cue" after it, if only the label without them is in the table."""
    while label not in known_labels() and label.partition(" ")[0] in _MODIFIERS and " " in label:
        label = label.partition(" ")[2]
    first, _, last = label.rpartition(" ")
    return first if label not in known_labels() and last in _ASPECTS and first in known_labels() else label


def holds_labels(text: str) -> bool:
    """Whether a text contains more labels for parts of a prompt, so that the whole prompt is written that way."""
    return any(known_labels().get(normal_form(found[1])) == "craft" for found in _LABELS_INSIDE.finditer(text))


def normal_form(written: str) -> str:
    """Normalise a label as in the table: without marks, numbers, asides and differences of case."""
    if written.isalpha():  # nothing to remove
        return normalize("NFC", written).casefold()
    bare = _ASIDE.sub(" ", written) or written
    bare = _BLANKS.sub(" ", normalize("NFC", bare).casefold()).strip()
    while bare and category(bare[0])[0] not in "LN":
        bare = bare[1:]
    while bare and category(bare[-1])[0] not in "LNM" and bare[-1] != ".":
        bare = bare[:-1]
    return _NUMBER_BEHIND.sub("", bare)


def label_of(line: str) -> PastedLabel | None:
    """Return the label that a line begins with, or None."""
    for separator in _SEPARATOR.finditer(line, 0, LONGEST + 12):
        if (
            line[separator.start() - 1 : separator.start()].isdigit()
            and line[separator.end() : separator.end() + 1].isdigit()
        ):
            continue  # a ratio or a time, as in `Aspect ratio 9:16`
        label = _without_modifiers(normal_form(line[: separator.start()]))
        kind = known_labels().get(label)
        if kind is None:
            continue
        weak = separator[0] not in ":：﹕" and kind != "negative" and label not in _ONLY_LABELS
        if weak and not _says_value(kind, line, separator):
            continue
        behind = separator.end()
        while behind < len(line) and line[behind] in " \t*_":
            behind += 1
        return PastedLabel(label, kind, behind)
    return _before_number(line)


def _says_value(kind: LabelKind, line: str, separator: re.Match[str]) -> bool:
    """Whether a weaker sign than a colon (`=`, a dash, a bar) certainly ends a label."""
    written = line[: separator.start()]
    if kind in ("beside", "craft") and (written.isupper() or not written.isascii()):
        return True
    return separator[0] in "=＝|｜" or (kind == "setting" and _VALUE.match(line, separator.end()) is not None)


_UNITS = "s|sec|secs|second|seconds|fps|秒|초|ثانية|ثوان|ثواني|שניות|סקנד|सेकंड|сек|с|segundos|secondes|sekunden"
_BEFORE_NUMBER = lazy_pattern(
    rf"([^\d:：]{{2,30}}?)[ \t.]*(?:ca\.?|about|approx\.?|circa|~|≈|约|約|약)?[ \t]*([0-9٠-٩०-९]+(?:[.:x×][0-9]+)?)[ \t-]*(?:{_UNITS})?[.。]?$",
    re.IGNORECASE,
)


def _before_number(line: str) -> PastedLabel | None:
    """Find a setting with no sign between its label and its number: `Duration 5s`, `Seed 42`."""
    match = _BEFORE_NUMBER.match(line) if len(line) <= LONGEST_SETTING else None
    if match is None:
        return None
    label = normal_form(match[1])
    return PastedLabel(label, "setting", match.start(2)) if known_labels().get(label) == "setting" else None


@lru_cache(maxsize=1)
def known_labels() -> Mapping[str, LabelKind]:
    """The meaning of each label, by its normal form."""
    table: dict[str, LabelKind] = {}
    kinds: tuple[tuple[str, LabelKind], ...] = (
        (_CRAFT, "craft"),
        (_BESIDE, "beside"),
        (_SETTING, "setting"),
        (_NEGATIVE, "negative"),
    )
    for words, kind in kinds:
        for word in words.replace("\n", "").split("|"):
            if word.strip():
                table[normal_form(word)] = kind
    return table
