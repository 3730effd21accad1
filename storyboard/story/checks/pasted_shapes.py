"""Shapes of pasted lines in any language, independent of their words: labels, numbers, brackets, signs.

Digits and letters of other widths and scripts are converted to ASCII first, so that patterns can use `[0-9]`.
"""

from __future__ import annotations

import re

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checks.pasted_labels import CAMERA_IN_CAPITALS
from storyboard.story.checks.pasted_phrases import phrase_of, speaks_to_the_author

_WIDE = {
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    **{0x0966 + digit: str(digit) for digit in range(10)},
    **{0x09E6 + digit: str(digit) for digit in range(10)},
    **{0x0E50 + digit: str(digit) for digit in range(10)},
    **{0xFF21 + letter: chr(0x41 + letter) for letter in range(26)},
    **{0xFF41 + letter: chr(0x61 + letter) for letter in range(26)},
    0xFF03: "#",
    0xFF0F: "/",
    0x3000: " ",
}
"""Characters that are replaced one for one, so that positions in a line stay the same."""

_UNIT = (
    r"(?:s|secs?|seconds?|秒钟?|초|ثانية|ثوان[\u064b-\u0652]?ي?|ثواني|ث|שניות|שנייה|שנ['׳]|सेकंड|सेकेंड|सेकण्ड|सेकन्ड|segundos?|segs?|"
    r"secondes?|sekunden?|sek|секунд[аы]?|сек|с|secondi|secondo|saniye|detik|giây|sekund[ya]?|seconden)\b"
)
_AMOUNT = rf"[0-9]{{1,3}}(?:[.,][0-9]+)?\s?-?{_UNIT}\.?"
_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u200c\u200d])"
"""A letter, or a mark upon one, which `\\w` does not match."""
_ABOUT = r"(?:(?:ca|approx|about|around|etwa|env|environ|unos|aprox|примерно|около|约|約|약)\.?\s*|[~≈∼±]\s*)?"
_TO = r"\s*(?:-|–|—|−|~|〜|～|to|à|al?|bis|до|إلى|עד|से|到|至|から|부터)\s*"

_ANY_SHAPE = lazy_pattern(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            # lengths, times and numbers
            "length": rf"\W{{0,3}}(?:(?:lasts?|lasting|runs|hold|holds|for|hold for)\s)?{_ABOUT}{_AMOUNT}"
            r"(?:\s(?:long|clip|shot|total|in total|each|duration|length|max|maximum))?\W{0,3}$"
            r"|\W{0,3}(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen)\sseconds(?:\slong)?\W{0,3}$"
            rf"|[^:：.!?()（）]{{2,24}}[:：]\s*{_ABOUT}{_AMOUNT}\W{{0,3}}$",
            "length_first": rf"\W{{0,3}}{_ABOUT}{_AMOUNT}\s*(?:[:：|｜/]|[-–—]\s|(?<=\.)\s|\s(?=[^\x00-\x7f]))|{_ABOUT}(?![2-9]0s)[0-9]{{1,2}}(?:\.[0-9])?\s?s(?:ecs?)?\s+(?-i:[A-Z])|(?:seconds?|secs?|sek|sekunden?|segundos?|secondes?|сек\w*)\.?\s*[0-9]+(?:{_TO}[0-9]+)?\s*[:：–—-]|(?:the )?(?:first|last|next|final)\s{_AMOUNT}\s*[:：]",
            "length_last": rf".*(?:[(（\[【–—/]|\s-|[,，|]|[.!?]\s)\s*{_ABOUT}{_AMOUNT}\s*[)）\]】]?[.。]?$",
            "range": rf"(?:{_LETTER}+\.?\s){{0,3}}?\W{{0,2}}[0-9]{{1,3}}(?:[.,][0-9]+)?\s?(?:{_UNIT})?{_TO}[0-9]{{1,3}}(?:[.,][0-9]+)?\s?-?(?:{_UNIT})?\s*\W?\s*[:：|｜]",
            "range_of_seconds": rf"(?:{_LETTER}+\.?\s){{0,2}}?\W{{0,2}}[0-9]{{1,3}}\s?(?:{_UNIT})?{_TO}[0-9]{{1,3}}\s?{_UNIT}\s*[)）\]】]?\s*(?:[:：|｜,，、]|[-–—]\s|\s(?=[^\x00-\x7f]))",
            "clock": r"[0-9]{1,3} of [0-9]{1,3}\b|0[0-9]\s+(?-i:[A-Z])|[0-9]{1,3}[- ]second (?:clip|shot|video|scene|take)\b|.{0,24}\b00:[0-5][0-9]\b|(?:at|@)?\s*0{1,2}:[0-5][0-9]\b|T\s?[+=-]\s?[0-9]+(?:\.[0-9]+)?\s?s?\b|[0-9]{1,2}['′’][0-9]{2}[\"″”]?|[0-9]{1,3}[\"″”]\s*(?:[-–—:]\s|(?-i:[A-Z]))|.{0,24}?\b[0-9]{1,2}:[0-5][0-9]\s?[ap]\.?m\.?$|.*\b(?:[0-9]{4}-[01][0-9]-[0-3][0-9]|[0-9]{1,2}[/.][0-9]{1,2}[/.](?:19|20)[0-9]{2})\b",
            "numbered": rf"(?:{_LETTER}+[\s._]*){{1,2}}(?:#|№|n[°º]|no\.?)?[\s._-]*[0-9]{{1,4}}[A-Za-z]?(?:\s*[-–/.]\s*[0-9]{{1,4}}[A-Za-z]?)?\s*(?:번\s*)?(?:[:：|｜](?!\d)|[–—]\s|-\s)",
            "number_of": r"(?:\S+\s+)?(?:رقم|מספר|מס['׳]|नंबर|नम्बर|क्रमांक|संख्या|номер|№|n[°º]\.?|nr\.?|numéro|número|nummer|number|no\.|번호|番号|编号)\s*[0-9]{1,4}\s*(?:$|[:：.–—-])",
            "ordinal": r"[0-9]{1,3}(?:st|nd|rd|th)\s*[:：–-]|[0-9]{1,3}\s?(?:번째?|番目|号|號|番)\s*\w{0,3}\s*[:：]|(?:first|second|third|fourth|fifth|sixth|one|two|three|four|five|six|seven|eight|nine|ten)(?:ly)?(?:\s+(?:shot|scene|clip|frame|beat|panel))?\s*[:：]",
            "sign_and_number": r"[0-9]{1,3}\s?(?:[–—/]|-(?=\s))\s*(?=[^\W\d])|[^:：]{2,24}[:：]\s*#?[0-9][0-9.,/%]*\W*$|\w+ [0-9]+/[0-9]+$|(?-i:[A-Z]{1,3}\)\s?)|[#№]\s?[0-9]{1,4}(?:[.:)、]|\s|$)|(?:no|nr|num|n[°º])\.?\s?[0-9]{1,4}\s*[-–—:.)|]\s|[0-9]{1,3}\s?/\s?[0-9]{1,3}\s+(?-i:[A-Z])",
            "code": r"(?-i:[A-Z]{1,3}[0-9]{1,4}[A-Z]?)$|(?-i:Sc|Sh|SC|SH|Fr|Seq|Ep|Sq)\.\s?[0-9]+|[a-z]+\s[0-9]{1,3}\s+(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|s[0-9]{1,2}\s?e[0-9]{1,2}\b|(?-i:(?:SC|SQ|SH|EP|CAM|SHOT|SCENE)[ _.-]?[0-9]+[A-Z]?[ _.-]+(?:SH|S|T|TK|TAKE|SC)?[ _.-]?[0-9]+)|[a-z]{1,3}[-#]?[0-9]{1,4}[.):：]?\s*(?=[\u0590-\u06ff\u0900-\u097f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])",
            "codes": r"(?:[^\W\d_]+\.? ?[0-9]{1,4}[A-Za-z]?\s*[,;/·-]?\s*){2,}$",
            "lone_number": r"[^\w\ufffc]{0,4}[0-9]{1,4}(?:\.[0-9]+)?[^\w\ufffc]{0,4}$",
            "shot_word": r"(?:场|씬|장면|컷|シーン|カット|ショット|镜头|场景|分镜|镜|鏡頭)\s?(?:[0-9]{1,3}[A-Za-z]?|[一二三四五六七八九十]{1,3})(?:\s|$)|第\s?[0-9一二三四五六七八九十百]{1,3}\s?(?:个|個)?(?:镜头|镜|场|幕|鏡|場|カット|シーン|장면|컷)(?:\s|$)"
            r"|(?:المشهد|اللقطة|סצנה|סצינה|שוט|escena|scène|szene|сцена|кадр)\s+\S+$|\S+\s+(?:दृश्य|शॉट|सीन|장면|씬|сцена|escena|scène|szene)$|(?:एक|दो|तीन|चार|पाँच)\s+[:：]",
            "item": r"(?-i:[א-ת]|[\u0915-\u0939]|[가-힣]|[ア-ンァ-ヶ]|[а-яА-Я]|[\u0621-\u064a]|[一二三四五六七八九十]{1,3})\s?[.)）、．]\s*(?!\s*$)(?![一二三四五六七八九十、])\S|[0-9]{1,3}\s?[.)）、．]\s*(?=[^\s\d\x00-\x7f])",
            # brackets
            "question": r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af，、 ]{4,40}[？?]$|(?!(?:an?|the|one|two|three) )[^.!。！\"“”«»「」]{8,60}[?？؟]$",
            "picture": r".*(?:用|使用|参考|以|按|如|见)(?:图|圖|图片)\s?[0-9]",
            "sound": r"(?:音乐|音樂|音效|旁白|字幕|配乐|画外音|背景音|BGM|효과음|배경음악|내레이션|자막|SE|ナレーション|テロップ)\S{0,8}$",
            "in_brackets": r"[*_~]{0,3}[(（\[【〔［〈《<][^()（）\[\]【】〔〕［］〈〉《》<>]{1,80}[)）\]】〕］〉》>]\s*[.。:：]?[*_~]{0,3}$",
            "bracket_behind": r".*[^\s\ufffc]\s\[[^\[\]\ufffc]{2,60}\]\W{0,2}$",
            "tag": r"[\[【〔［〈][^\[\]【】〔〕［］〈〉]{1,40}[\]】〕］〉]\s*\S",
            "cue": rf"(?!{CAMERA_IN_CAPITALS})(?-i:[A-Z]{{2}}[A-Z .']*)\s[—–-]\s|[가-힣]{{1,6}}\s?\([^()]{{1,10}}\)\s|[^\s\d(（:：。，,.!?]{{1,20}}(?:\s[^\s\d(（:：。，,.!?]{{1,20}})?\s?[(（][^()（）]{{1,16}}[)）]\s*(?:[:：]|$|[「『])",
            "spoken": r"(?:[^\s「」『』。、，：]{0,11}[^\s「」『』。、，：はがをにとのもでへやか说道着喊问叫答写着])\s?(?:[(（][^()（）]*[)）])?\s?[「『][^「」『』]*[」』]$",
            # signs
            "quoted": r"\"[^\"]*\"$",
            "sign": r"[–—−]\s+(?-i:[^\sa-zà-ÿа-яё])|[=~&!%^|\\/+<>*×※○〇◯◎§¶†‡©®™→⇒⟶➜➔»›・･][^\s]*\s*\S|[#＃][A-Z/]{2,}[!?0-9]*$|@[^\W\d]\w+\b|[•·∙◦]|;\s*\S|::?\s*\S|'{3}|\"{3}|\{[*%#]|[^\w\ufffc]{1,12}$",
            "tags": r".*\scc\s@?[^\W\d]|.*(?:^|\s)#(?![0-9a-f]{3,8}\b)[^\W\d]\w+(?:\s+#\w+)*$|(?:#[^\W\d]\w+\s*){2,}",
            "emphasis": r"_[^_]{2,}_\W{0,2}$",
            "placeholder": r".*\[(?:(?-i:[A-Z][A-Z _-]{2,30})|[^\[\]]{0,30}\b(?:here|insert|your|name|tbd)\b[^\[\]]{0,30})\]|.*(?:^|\s)%[sd](?:\s|$)",
            "other_shot": r"as (?:before|above|previously)\b|(?:wie|siehe|gleich\w*) (?:in |bei |im )?(?:der |die |das )?(?:einstellung|szene|bild|shot|clip|vorher\w*|letzte\w*|oben)\b"
            r"|(?:comme|même\w*) .{0,12}\b(?:plan|scène|image)\s(?:[0-9]|précédent)|(?:igual|mism[oa]|como) (?:que |en |ao |à |no |na ){0,2}(?:el |la |o |a )?(?:plano|escena|toma|cena)\s(?:[0-9]|anterior)"
            r"|(?:前の|前|直前の|上の)(?:カット|シーン|ショット)(?:と同|の続き)|(?:이전|앞|위)(?:\s?(?:컷|장면|씬|샷))?\s?(?:과|와)\s?(?:동일|같)"
            r"|(?:كما في|نفس|مثل)\s(?:اللقطة|المشهد|الصورة)\s(?:السابق|[0-9]|الأول)|(?:接|承接|承|延续|与|同)上(?:一)?(?:镜|个?镜头|场|段)"
            r"|.*\b(?:as|like|from|with|in|see|after|before|than|to) (?:the )?(?:shot|scene|clip|frame|ref|reference|panel) ?#?[0-9]{1,3}\b",
            "file": r".*\b[\w-]+\.(?:png|jpe?g|webp|gif|mp4|mov|webm|psd|pdf|docx?)\b",
            "doubts": r".*\?{2,}\W*$",
            "closing": r"[^\ufffc{]*(?:\}\}|%\})",
            "marks": r".*(?:\|\||\|\s*\w+\s*:|<-|←|\\|[｜¦│]|[^\W_]_[^\W_]|_{2,}|\{[^{}\ufffc]*\|[^{}\ufffc]*\}|%[A-Za-z]\w*%|\$[A-Za-z_]{2,}|[^\W\d]\w+\s?=\s?\S|@[0-9]|[\w.+-]+@[\w-]+\.\w|\bwww\.\w)",
            "call": r"(?-i:GET|POST|PUT|DELETE|PATCH)\s/|(?-i:[A-Z][a-z]+-[A-Z]\w+):\s|\$\s|#(?:define|include|import|ifdef)\b|--[a-z]|.*\w\[[\"']|.*(?-i:\b[a-z]\w*\((?:[\"'][^()]*|)\))|(?-i:(?:const|let|var|def|return|import|from|curl|print|echo|npm|pip|SELECT|function|class)\b.*[=({;])",
            "csv": r"(?:[^,]*[^\s,],(?!\d{3}\b)[^\s,]){2}|[^\W\d_]+(?:,\d+)+$|(?:[^;]*\S;\S){2}|[\"'][^\"']*[\"'],[\"'\d]|(?-i:(?:null|true|false|None|True|False)\b)[,;]?$|.*[^\s,]\s*,$(?<=[\"'\]}\d],)",
            "parameters": r".*(?:^|[\s,;(])(?:seed|cfg(?: scale)?|sampler|denois\w*|guidance(?: scale)?|image strength|motion (?:strength|bucket)|clip skip)\s*[:=]?\s*-?[0-9]",
            "figures": r"(?:\s*(?:[0-9]{3,4}\s?[x×]\s?[0-9]{3,4}|[0-9]{2,4}\s?fps|[0-9]{3,4}p|[248]k|[0-9]{1,2}:[0-9]{1,2}|[0-9]{1,2}\s?s(?:ec)?|(?:gen-?|v|veo |kling |runway |sora |hailuo |wan |pika |luma )[0-9.]+\w*(?: (?:turbo|alpha|pro|master|fast))?|[0-9]{1,3}\s?%|h\.?26[45]|mp4|prores|rec\.?709)\s*(?:[,;/·@]|\.?$)){2,}$|[0-9]{3,4}\s?[x×]\s?[0-9]{3,4}$|[0-9]{3,4}p$|[0-9]{2,3}\s?fps$|fps\s?[0-9]{2,3}$",
            "switch": r"[^:：.]{2,30}[:：]\s*(?:true|false|null|none|yes|no|n/?a|enabled?|disabled?|default)\W{0,2}$",
            "weights": r".*(?:[a-z] (?-i:AND|BREAK|NOT) [a-z]|\bmasterpiece\b.*\bbest quality\b|\bscore_\d)",
            "interior": r"(?:日|夜|晨|黄昏|内|外|日内|日外|夜内|夜外|白天|夜晚|早朝|朝|昼|夕)[\s/／、・·.](?:日|夜|内|外|景|日内|日外|码头|室内|室外|\S{1,8}$|\S{1,8}\s(?:日|夜|晨|昏|昼|朝|夕)$)|(?:inn?en|au[sß]sen|außen|int|ext|інт|инт|нат|экст|خارجي|داخلي|מבפנים|פנים|חוץ|आंतरिक|बाहरी|अंदर|बाहर|실내|실외|室内|室外|内景|外景)\.?\s*(?:[-–—/.]|\.\s)\s*\S.*(?:[-–—.,/]\s*\S+)$|.*\s[-–—]\s(?:day|night|dawn|dusk|morning|evening|continuous|later|noon|tag|nacht|morgen|abend|día|noche|jour|nuit|aube|soir|день|ночь|утро|вечер|نهار|ليل|فجر|يوم|לילה|יום|בוקר|ערב|दिन|रात|सुबह|शाम|낮|밤|아침|저녁|日|夜|朝|giorno|notte|dia|noite)\W{0,2}$",
            "announces": r".*(?:[:：]|=>|->|→)$",
            "forbids": r"(?:请)?(?:不要(?:出现|有|加|显示|包含|文字|水印|字幕|标志|台标|[Ll]ogo)|请勿|禁止(?:出现)?|避免(?:出现)?(?!不)|切勿|不得)\S|文字(?:や\S{1,6})?(?:なし|は入れ)|.*(?:を含めない|は入れない|を避けて|しないこと)|.*(?:넣지 마|포함하지)|.*(?:न दिखा|नहीं दिखा)|(?:evita(?= (?:el |la |los |las )?(?:text|logo|marca|subt|gente|letra))|evitar|no incluir|no mostrar|évitez|éviter|ne pas (?:montrer|inclure)|vermeide|vermeiden|keine? (?:text|wasserzeichen)|избегай\w*|не показывать|не включать|تجنب|لا تظهر|بدون (?:نص|كتابة|علامة)|הימנע|ללא (?:טקסט|כיתוב|סימן)|बचें|न दिखाएँ)\b",
        }.items()
    ),
    re.IGNORECASE,
)

_SAYS = {
    "length": "a length",
    "length_first": "a length",
    "length_last": "a length after a text",
    "range": "a time range",
    "range_of_seconds": "a time range",
    "clock": "a time",
    "numbered": "a title with a number",
    "number_of": "a title with a number",
    "ordinal": "a title with a number",
    "sign_and_number": "the number of a shot",
    "code": "the code of a shot",
    "codes": "the code of a shot",
    "lone_number": "a number alone",
    "shot_word": "the title of a shot or scene",
    "item": "a list item",
    "question": "a question to the author",
    "picture": "a reference to a picture",
    "sound": "dialogue, a caption or a sound",
    "in_brackets": "a note in brackets",
    "bracket_behind": "a note in brackets",
    "tag": "a tag in brackets",
    "cue": "a character's cue of a script",
    "quoted": "words that someone speaks",
    "spoken": "words that someone speaks",
    "sign": "a line with a mark before it",
    "tags": "tags of a post",
    "emphasis": "Markdown",
    "placeholder": "a place that was left empty",
    "other_shot": "a reference to another shot",
    "file": "the name of a file",
    "doubts": "a question to the author",
    "closing": "braces that nothing opens",
    "marks": "data or code",
    "call": "code",
    "csv": "a row of data",
    "parameters": "the parameters of another generator",
    "figures": "the figures of a video file",
    "switch": "a setting",
    "weights": "a prompt for another generator",
    "interior": "a scene heading of a script",
    "announces": "an announcement of what follows",
    "forbids": "what should not be seen",
}

_CAMERA = lazy_pattern(
    r"\b(?:wide|close|closeup|shot|shots|angle|view|pov|macro|aerial|time-?lapse|hyper-?lapse|medium|establishing|tracking|dolly|pan|tilt|zoom|orbit|crane|"
    r"drone|handheld|low|high|overhead|top|side|front|rear|rack|split|montage|detail|extreme|shoulder|insert|foreground|background|slow|motion|silhouette|"
    r"plano|plan|primer|gros|nahaufnahme|gro(?:ß|ss)aufnahme|halbtotale|totale|detailaufnahme|weitwinkel|zeitlupe|vogelperspektive|primo|primissimo|piano|campo|"
    r"крупный|общий|средний|дальний|план|замедленн\w*)\b"
    r"|特写|大特写|近景|中景|远景|全景|大全景|中近景|俯拍|仰拍|航拍|空镜|慢动作|延时|镜头|俯视|仰视|主观|クローズ|アップ|ロング|俯瞰|空撮|引き|寄り|スロー|클로즈|풀샷|롱샷|미디엄|부감|항공|슬로|"
    r"لقطة|تقريب|צילום|תקריב|מבט|क्लोज|वाइड|शॉट|मिडियम|मीडियम|लॉन्ग",
    re.IGNORECASE,
)
"""Words about the camera: a label made of them is part of a prompt."""
_PROSE_WORDS = """
a all an and are as at both by deux dos drei each eight ein eine ella ellas elle elles ellos er es every few
five for four from has have he her here his i il ils in is it its lei look looks lui many my nine no of on one
only or our read reads say says seems seven several she show shows sie six some take ten that the their then
there these they this three to tre tres trois two un una une uno was we were who with you zwei él два две мы он
она они три я הוא היא הם هم هو هي तीन दो वह वे
"""
_PROSE = frozenset(_PROSE_WORDS.split())
"""Words that occur in a sentence before a colon, but not in a label."""
_PARTICLE_WORDS = """
da das de del della der des di die do du em en la las le los von zum zur à в за к на о إلى على في من
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
"""Small words of other languages, which often occur in their labels."""
_SPEAKS = lazy_pattern(
    r"(?:[说道问喊叫答曰写着了：]|低语|一样|قالت?|[يت]قول|همس\w*|אמרה?|сказала?|говорит|шепчет|кричит|dice|susurra|grita|dit|murmure|crie|sagt|flüstert|ruft|如下|是|와|قائل[ةا]?|וחשת|אומרת?|कहती है|कहता है|言う|囁く)$|^[他她它我你们彼]"
)
_LABEL = lazy_pattern(
    r"([^\W_](?:[^:：\n.!?。！？,，;；\"“”«»「」『』]{0,38}?))\s?(?:：|:(?=\s|$|[「『“\"«‘（(【]|[^\x00-\x7f]))"
)
_MORE_LABELS = lazy_pattern(r"[.;。；!?]\s*[^\W\d_][^.;:：。；!?]{0,24}[:：]\s")


_IN_A_SENTENCE = lazy_pattern(r"^(?=.{5})[\u3400-\u9fff]*(?:的|了|着|没有|在|有|把|被|是)[\u3400-\u9fff]")
"""Chinese words of a sentence before a colon: a label is shorter, or has none of them."""


class PastedShape(NamedTuple):
    """What a line looks like; completes "this looks like …"."""

    what: str


def narrowed(line: str) -> str:
    """Return the line with digits and letters of other widths and scripts as ASCII; its length does not change."""
    return line if line.isascii() else line.translate(_WIDE)


def shape_of(line: str, *, inside: bool = False) -> PastedShape | None:
    """Return the shape of pasted material that a narrowed line has; None if it may well be a prompt. `inside` a line,
    any words may stand before a colon.
    """
    phrase = phrase_of(line)
    if phrase is not None:
        return PastedShape(phrase)
    if speaks_to_the_author(line):
        return PastedShape("a message to the author")
    if _is_shouted(line):
        return PastedShape("a character's cue or a heading")
    found = _ANY_SHAPE.match(line)
    if found is not None and found.lastgroup is not None:
        return PastedShape(_SAYS[found.lastgroup])
    return PastedShape("a text with a label before it") if not inside and _is_labelled(line) else None


def _is_shouted(line: str) -> bool:
    """Whether a short line is in capitals, like cues and headings in scripts."""
    return len(line) <= 40 and line.isupper() and line[-1] not in '.!?。！？"”’»' and sum(map(str.isalpha, line)) > 2


def _is_labelled(line: str) -> bool:
    """Whether a line begins with a label that is not part of a prompt: a speaker, or a field of a form."""
    found = _LABEL.match(line)
    if found is None or _MORE_LABELS.search(line, found.end() - 1):
        return False
    label = found[1].strip()
    if _CAMERA.search(label) or _SPEAKS.search(label):
        return False
    words = label.casefold().split()
    if not label.isascii() and not _is_latin(label):
        if _IN_A_SENTENCE.search(label) is not None:
            return False
        return len(words) <= 3 and len(label) <= 20 and not _PROSE & {words[0]}
    if _PROSE & set(words) or len(words) > 4:
        return False
    spaced = line[found.end(1) : found.end(1) + 2] == " :" or not label.isascii() or _PARTICLES & set(words)
    titled = all(word[0].isupper() or not word[0].isalpha() for word in label.split())
    if titled and len(words) == 1 and line[found.end() :].lstrip()[:1].islower():
        return False  # «Lightning: a strip of tinfoil drops» goes on with its sentence
    return (
        titled
        or (len(words) == 1 and label.islower())
        or (bool(spaced) and len(words) > 1)
        or (len(words) == 1 and line[found.end(1)] in " ：")
    )


def _is_latin(label: str) -> bool:
    return all(char < "\u0250" or not char.isalpha() for char in label)
