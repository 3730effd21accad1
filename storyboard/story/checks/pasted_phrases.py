"""Whole lines that occur in many pasted documents, in many languages: transitions, endings, placeholders, buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checks.pasted_labels import normal_form

_ENDINGS = " .!。！…"
LONGEST_PHRASE = 32
"""Length of the longest line in the tables below."""

_TRANSITIONS = """
fade out|fade in|fade to black|fade to white|fade|fades|cut to black|cut to white|cut|cut to|smash cut|match cut|jump cut|cross dissolve|crossfade|cross fade|dissolve|
wipe|iris out|iris in|hard cut|black screen|white screen|black|continuous|scene continues|continues|continued|later|moments later|same time|back to scene|end credits|roll credits|credits|
淡出|淡入|淡入淡出|切至|切换|切|硬切|叠化|溶解|黑场|黑屏|渐隐|渐显|转场|闪回|闪白|白场|画面渐黑|画面淡出|字幕滚动|淡出淡入|镜头切换|画面切换|切鏡|轉場|
フェードアウト|フェードイン|暗転|溶暗|溶明|カットアウト|カットイン|ディゾルブ|クロスフェード|ワイプ|回想|f・o|f・i|fo|fi|ol|
페이드 아웃|페이드 인|페이드아웃|페이드인|암전|디졸브|컷|컷 투|화면 전환|
تلاشي|تلاشي إلى الأسود|إظلام|إظلام تدريجي|ظهور تدريجي|اختفاء تدريجي|قطع|قطع إلى|مزج|
מעבר לשחור|פייד אאוט|פייד אין|דהייה לשחור|חיתוך|חיתוך ל|מעבר|החשכה|
फेड आउट|फेड इन|कट टू|कट|डिज़ॉल्व|फेड टू ब्लैक|
fundido a negro|fundido|funde a negro|corte a|corte|corte a negro|fundido encadenado|encadenado|disolvencia|
fondu au noir|fondu enchaîné|fondu|fondu en ouverture|coupe sur|coupe franche|cut franc|noir|
abblende|aufblende|überblendung|überblende|schnitt|schnitt auf|schwarzblende|schwarz|
затемнение|из затемнения|в затемнение|наплыв|склейка|монтажный стык|перебивка|
dissolvenza|dissolvenza in nero|stacco|stacco su|corta para|corte para|esmaecer|escurecimento
"""
_ENDS = """
the end|end|fin|fine|ende|end of scene|end of script|end of storyboard|end of shot|end of film|end of document|end of list|end of file|eof|end scene|scene ends|
完|剧终|全剧终|全文完|结束|以上|本集完|未完待续|结尾|終|終わり|おわり|完結|以上です|つづく|끝|이상|이상입니다|다음 편에 계속|
النهاية|نهاية|نهاية المشهد|نهاية اللقطة|تمت|انتهى|סוף|הסוף|סוף הסצנה|סוף הסרט|समाप्त|अंत|दृश्य समाप्त|इति|
fin de la escena|fin de escena|fin del guion|fin de la scène|fin de scène|fin du script|ende der szene|ende des skripts|
конец|конец сцены|конец фильма|fine scena|fine della scena|fim|fim da cena|einde|koniec|son|slut
"""
_LEFT_EMPTY = """
null|nil|none|true|false|undefined|nan|n/a|n a|na|tbd|tba|tbc|tbw|wip|ditto|idem|same|same as above|as above|see above|see below|same as before|same as previous|as before|
placeholder|untitled|no title|empty|blank|redacted|pending|to be determined|to be confirmed|to be decided|to be added|to follow|coming soon|insert here|
text here|your text here|prompt here|add text|todo|to do|xxx|asdf|test|draft|final|final draft|approved|confidential|do not share|internal use only|rejected|in progress|done|
subtotal|total|sum|etc|ref|value|default|description|nothing|not applicable|unknown|optional|required|yes|no|ok|okay|
待定|待补|待补充|待确认|待完善|同上|略|无|暂无|空|未定|占位符|草稿|定稿|已确认|内部资料|未定|同様|なし|要確認|仮|未記入|省略|미정|위와 같음|없음|동일|해당 없음|초안|
غير محدد|كما سبق|لا يوجد|نفس ما سبق|قيد الانتظار|مسودة|לא ידוע|כנ"ל|כנל|אין|טיוטה|बाद में|तय नहीं|उपरोक्त|वही|मसौदा|
pendiente|por definir|igual que arriba|ídem|borrador|à définir|à compléter|à confirmer|voir plus haut|brouillon|offen|siehe oben|wie oben|folgt|entwurf|
нет|то же|то же самое|см. выше|уточнить|черновик|da definire|come sopra|a definir|rascunho
"""
_BUTTONS = """
copy|copy code|copied|edit|share|like|reply|regenerate|regenerate response|show more|show less|read more|see more|view more|load more|download|upload|save|
delete|cancel|undo|redo|retry|try again|good response|bad response|sources|thinking|searching|generating|loading|error|error 404|copy to clipboard|just now|continue|continue generating|stop generating|next|
previous|next page|previous page|back|close|add comment|comment|resolve|log in|sign in|send|submit|new chat|click to edit|click to add text|double click to edit|export|print|
复制|复制代码|重新生成|编辑|分享|展开|收起|下载|点赞|继续生成|思考过程|已深度思考|コピー|コピーする|コードをコピーする|コードをコピー|編集|共有|再生成|복사|코드 복사|편집|공유|다시 생성|
نسخ|نسخ الكود|تعديل|مشاركة|إعادة التوليد|העתק|העתק קוד|ערוך|שתף|कॉपी करें|कोड कॉपी करें|संपादित करें|साझा करें|copiar|copiar código|editar|compartir|copier|copier le code|
modifier|partager|kopieren|code kopieren|bearbeiten|teilen|копировать|скопировать код|изменить|поделиться
"""

_SPEAKS_TO_THE_AUTHOR = lazy_pattern(
    r"(?:copy|paste|copy[- ](?:and |& )?paste|type|enter)\s+(?:and paste\s+)?(?:this|these|the following|it|everything|each|all|any)\b"
    r"|cont(?:['’]d|inued|\.)\s+from\b|(?:make|keep) (?:it|this|them) (?:about |around )?[0-9]"
    r"|(?:music|score|soundtrack|song) (?:fades? (?:in|out|up|down|under)|swells?|stops?|starts?|builds?|ends?|cuts? out|kicks? in)\W*$"
    r"|(?:strictly |private (?:and|&) )?confidential\s*(?:[-–—:.,;|/]|$)"
    r"|(?:enjoy|good luck|have fun|happy (?:filming|creating|shooting|generating|prompting|editing|rendering|directing|making))\W*$"
    r"|(?:alternatively|additionally|finally|next|now|then|first)\s*,?\s+(?:you(?:['’]ll| can| could| should| may| might)|we(?:['’]ll| can| could| should| cut)|i(?:['’]ll| would| can)|do (?:shot|scene)|cut to|generate|create)\b"
    r"|(?:the |our |my )?(?:user|client|director|customer|brief|producer|agency) (?:wants?|asked|asks|said|says|prefers?|requested|needs?|likes?|would)\b"
    r"|(?:make|keep) (?:it|them|this|that) (?:more|less|a bit|a little|shorter|longer|darker|brighter|warmer|slower|faster|consistent|the same|under|simple)\b"
    r"|(?:rewrite|rephrase|translate|summari[sz]e|shorten|expand|revise|regenerate|reword|proofread|fix|replace|remove|change|update|add|delete) (?:this|these|it|that|the (?:prompt|shot|scene|text|above|following|last|previous|first|second|third|lines?|list))\b"
    r"|i['’](?:ve|d|ll|m)\b(?=.*\b(?:you|your|prompts?|shots?|scenes?|versions?|scripts?|storyboards?|descriptions?|lists?|words|"
    r"them|these|this|each|all|changes?|happy|glad|sorry|unable|here|models?|styles?)\b)|i(?:['’]d)? (?:recommend|suggest|propose)\b"
    r"|you (?:could|might|may|should|can) (?:also |always |either |want |try |simply )*(?:add|want|try|use|change|adjust|consider|make|replace|swap|skip|to|combine|extend)\b"
    r"|note that (?:this|the|these|kling|you|we|i|it|all|each|some|most)\b|(?:make sure|ensure|be sure|remember|don['’]t forget) (?:that |to |the |all |it |you )"
    r"|please (?:keep|make|use|ensure|avoid|add|check|see|confirm|do|don['’]t|include|remove|change|provide|note|let|send|review|follow|limit|stick|try|consider)\b"
    r"|this (?:shot|scene|clip|frame|sequence|moment) (?:establishes|conveys|represents|symboli[sz]es|emphasi[sz]es|serves|should|must|needs|introduces|sets up|lasts|uses|works)\b"
    r"|use (?:the same|this|these|the following|a consistent|consistent)\b|repeat (?:for|from|with|shot|this|the same)\b|continue (?:from|with|to) (?:shot|scene|(?:the )?(?:previous|last|next)|clip|part)\b"
    r"|same (?:as|but) (?:\w+ )?(?:shot|scene|before|above|previous|last|prompt|clip)\b|same (?:\w+ ){1,3}as (?:above|before|previous|earlier|shot|scene|the (?:previous|last|first)|in (?:shot|scene|the (?:previous|last)))\b|(?:option|alt|alternative) [a-z0-9]{1,2}\s*[:.)–—-]|ask \w+ (?:about|if|whether|for|to)\b|\w+ to (?:confirm|approve|review|decide|check|fix)\b[^,;]*$"
    r"|.*\b(?:fix|check|update|replace|decide|add|confirm) later\W*$|.*\bgoes here\W*$|(?:photo|photos|image|images|video|music|footage|art|artwork|text|words|story|script) by (?-i:[A-Z])|downloaded from\b|error [0-9]{3}"
    r"|(?:just|simply) (?:say|tell|let me|ask)\b|no (?:changes|edits|revisions)\b|let['’]s (?:move on|go|continue|start|try|do|make|add|now)\b|adjust (?:as|this|the|if|any|it)\b"
    r"|as (?:you (?:asked|requested|wanted|said|noted)|discussed|mentioned|agreed|noted)\b|per (?:your|our|the (?:brief|client|note|script))\b|to be (?:safe|clear|consistent|sure)\b"
    r"|rendered (?:with|in) (?-i:[A-Z])|(?:\w+ ){0,3}tips?\s*:|needs? (?:approval|review|feedback|sign-?off|a decision)\b|great (?:question|idea|choice|prompt|start)\b|this (?:one|version) is\b"
    r"|rev\.? ?[a-z0-9]{1,2}$|(?:mon|tue|wed|thu|fri|sat|sun)\w*,? [0-9]|(?-i:SOUND|MUSIC|NOISE)\s(?-i:[a-z])|如果(?:不|需|有|您|你)"
    r"|i (?:kept|made|wrote|added|removed|changed|chose|used|tried|think|thought|suggest|recommend|would|can|could|will|need|want|assumed|adjusted|shortened|split|included|have|also)\b.*(?:prompt|shot|scene|description|version|character|you|it|them|style|list|storyboard|each|all)"
    r"|(?:sent from my|last edited|last modified|last updated|edited by|created by|written by|created with|made with|generated by|generated with|powered by|posted by|uploaded by|exported from|copyright(?= (?:\W|[0-9]))|all rights reserved)\b|(?:reviewed|approved|assigned|signed off) (?:by|to) (?-i:[A-Z])"
    r"|(?:see|cf\.?) (?:the )?(?:attached|attachment|above|below|appendix|link|page \d+|(?:storyboard|sketch|board|frame|image|picture|reference|script)(?: \w+)? \d+|previous (?:shot|scene|page)|shot \w+|scene \d+|comments?|notes?)\s*(?:[.:;)]|$|for\b|in\b)|see attached\b"
    r"|(?:chatgpt|claude|gemini|deepseek|copilot|grok|kimi|you|gpt-?\w*)\s+said\b"
    r"|(?:insert|add|place|put) (?:\w+ ){1,4}here\b"
    r"|(?:thanks|thank you|cheers|best|regards|kind regards|hi|hello|hey|dear)\s*(?:,|!|all\b|team\b|everyone\b|there\b)\s*(?:\w+\s*[,!.]?\s*$|now\b|can\b|could\b|please\b|here\b|i\b|so\b)"
    r"|(?:that(?:['’]s| is) (?:it|all)[.!]?$|(?:this|that|these|those)(?:['’]s| is| are) (?:\w+ ){1,4}(?:prompts?|version|storyboard|shot ?list|draft|script)\b)"
    r"|(?:which|what|how|who|why|when|where|do|does|did|is|are|can|could|should|shall|would|will|may) (?:you|i|we|me|this|these|that|it|one|version|about|else)\b.*\?$"
    r"|(?:any|ready|anything|more|another|something|need)\s.*(?:changes|else|next|help|version|shots?|scenes?)\b.*\?$"
    r"|(?:page|slide|p\.) ?\d+(?: (?:of|/) ?\d+)?$|\d+\s?/\s?\d+$|\d+ of \d+$"
    r"|(?:v|ver|version|rev|r)\.? ?\d+(?:\.\d+)*(?:[ _-]*(?:final|draft|approved|wip|new))*$|(?:final|draft)(?:[ _-]*(?:v?\d+|final|approved|wip|new))+$"
    r"|¿.*\?$"
    r"|(?:soll|sollen|möchten|möchtest|willst|wollen|kann|können|brauchst|brauchen|darf) (?:ich|sie|du|wir)\b.*\?$"
    r"|(?:souhaitez|voulez|désirez|veux|puis|avez|as|dois|préférez)[- ](?:vous|tu|je)\b.*\?$"
    r"|(?:hai bisogno|vuoi|vuole|desideri|posso|devo|quer|gostaria|você quer|posso|deseja)\b.*\?$"
    r"|(?:хотите|хочешь|нужно|нужна|сделать|могу|желаете|подойдёт|устраивает)\b.*\?$"
    r"|(?:क्या|चाहें तो)(?!\w).*[?？]$|(?:هل|أتريد|ما رأيك)(?!\w).*[؟?]$|(?:האם|רוצה|תרצה|תרצו|להוסיף|אפשר)(?!\w).*\?$"
    r"|(?:以上(?:就)?是|接下来(?:是|，)|下一个镜头|以下(?:为|就是)|这(?:就)?是(?:您|你|完整|修改)|我(?:已|会|可以|为您|为你|将为|帮您|帮你|建议)|请(?:您|你|告诉|确认|注意|问|根据|将|把|生成|使用|保持|参考|复制)|是否需要|需要(?:我|调整|修改)|您(?:可以|需要|觉得|看)|随时|希望这|注意：|已(?:为您|按照|根据)|根据(?:您|你)的|收到|明白了|没问题|当然)"
    r"|.*(?:请告诉我|随时告诉我|告诉我即可|供您参考|为您生成|为你生成|お知らせください|お申し付けください|教えてください|말씀해 주세요|알려 주세요|알려주세요|말씀해주세요|부탁드립니다|바랍니다)"
    r"|(?:こちらが|以下が|次の(?:カット|シーン|プロンプト)|ご確認|よろしければ|他に(?:も|ご)|修正(?:が|は|点)|お待たせ|それでは|では、|承知しました|了解)"
    r"|(?:네[,!]|좋습니다|알겠습니다|다음은|아래는|이상으로|추가로|필요하면|혹시|수정이|더 필요)"
    r"|¡?(?:claro|por supuesto|perfecto|listo|hola|entendido)\s*[!,.:]|(?:aquí (?:tienes|está)|a continuación)\b.*:$|(?:espero que (?:te|le|esto)|si (?:quieres|necesitas|deseas) (?:que|puedo|cambiar|otra|otro|más|algo|ajustar)|dime si|puedo (?:ajustar|cambiar|añadir))\b"
    r"|(?:bien sûr|parfait|d['’]accord|avec plaisir|bonjour)\s*[!,:]|(?:voici|ci-dessous)\b.*:$|(?:si vous (?:voulez|souhaitez)|n['’]hésitez|dites[- ]moi|je peux|j['’]ai (?:ajouté|modifié|créé))\b"
    r"|(?:klar|gerne|natürlich|selbstverständlich|alles klar|verstanden|perfekt|hallo)\s*[!,.]|(?:hier (?:ist|sind|kommt)|hier findest du|unten|im folgenden)\b.*:$|(?:ich habe (?:die|den|das)|ich kann (?:auch|gerne)|wenn (?:du|sie) (?:möchte\w*|willst|wollen)|sag (?:mir )?bescheid)\b"
    r"|(?:конечно|разумеется|хорошо|понял|поняла|отлично|готово|привет|здравствуйте)\s*[!,.]|(?:вот (?:ваш|твой|обновл|сценар|раскадр|промпт|готов|верс)|ниже (?:привед|раскадр|сценар)|если (?:хотите|нужно|вам)|могу (?:также|ещё|изменить|добавить)|дайте знать|напишите)"
    r"|(?:حسنًا|بالتأكيد|تمام|طبعًا|أكيد|إليك|إليكم|تفضل|يمكنني|يمكنك|إذا (?:أردت|كنت|رغبت)|أخبرني|فيما يلي|لقد (?:قمت|أضفت|عدلت)|شكر|مرحبا)(?!\w)"
    r"|(?:בטח|בוודאי|כמובן|מצוין|הנה|להלן|אם (?:תרצה|תרצי|תרצו|צריך)|אני יכול|אפשר גם|הוספתי|שיניתי|תודה|שלום)(?!\w)"
    r"|(?:ज़रूर|जरूर|बिल्कुल|ठीक है)[!,।:]|(?:यह रही|यह रहा|ये रहे|यहाँ|यहां|नीचे)(?![\w\u0900-\u097f]).*:$"
    r"|(?:अगर आप|यदि आप|मैंने|आपकी|आपके लिए|कृपया|बताइए|बताएं|धन्यवाद|नमस्ते)(?![\w\u0900-\u097f])",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _whole_lines() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for what, words in (
        ("a transition of a script", _TRANSITIONS),
        ("the end of a script", _ENDS),
        ("a place that was left empty", _LEFT_EMPTY),
        ("a button or a mark of a page", _BUTTONS),
    ):
        for word in words.replace("\n", "").split("|"):
            if word.strip():
                found.setdefault(normal_form(word), what)
    return found


@lru_cache(maxsize=1)
def _quick() -> frozenset[str]:
    return frozenset(_whole_lines())


def is_phrase(line: str) -> bool:
    """Whether a line is certainly one of the phrases: a quick check that misses lines with marks around the words."""
    return line.rstrip(_ENDINGS).casefold() in _quick()


def phrase_of(line: str) -> str | None:
    """Return what a line is if it consists of one known phrase; None for every other line."""
    return _whole_lines().get(normal_form(line.rstrip(_ENDINGS))) if len(line) <= LONGEST_PHRASE else None


def speaks_to_the_author(line: str) -> bool:
    """Whether a line addresses the person who asked for the prompt; text in quotes is spoken in the film."""
    return _SPEAKS_TO_THE_AUTHOR.match(line) is not None
