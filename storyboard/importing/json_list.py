"""Read shot lists in JSON and JSON Lines, whatever their scenes, shots and fields are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.importing.film_builder import FilmBuilder, number_and_title, sentence
from storyboard.importing.imported_film import ImportedFilm
from storyboard.importing.json_text import JsonItem, read_json
from storyboard.importing.labels import Field, field_of, plain_label, words

_SCENES = words("scenes|sequences|acts|scene list|chapters|场景|场次|幕|場景|シーン|المشاهد")
_SHOTS = words(
    "shots|clips|frames|panels|storyboard|storyboards|shot list|segments|cuts|beats|multi prompt|items|"
    "videos|镜头|分镜|镜头列表|分镜列表|鏡頭|"
    "カット|اللقطات"
)
_PLACES = words("location|place|setting|environment|time of day|time|地点|环境|场景描述|时间|المكان|الموقع")
_SPEAKER_KEYS = words("speaker|character|name|who|role|说话人|角色|人物|姓名|名字|المتحدث")
_LINE_KEYS = words("line|text|dialogue|words|content|台词|内容|对白|النص")


def read_json_list(text: str) -> ImportedFilm:
    """Return a film from one JSON value or one a line. Raises NotJson."""
    reader = _JsonList()
    found = read_json(text)
    if len(found.values) == 1:
        reader.film_from(found.values[0])
    else:
        reader.shots_from(found.values)
    film = reader.builder.finish()
    film.comments += found.comments
    return film


_HAS_FIELDS = frozenset((None, Field.CRAFT, Field.PICTURE, Field.NUMBER, Field.NOTE))
"""The meanings of keys whose objects have fields of their own."""


class _JsonList:
    def __init__(self) -> None:
        self.builder = FilmBuilder()

    def film_from(self, item: JsonItem) -> None:
        """A film: an object with scenes or shots in it, or a list of them."""
        pairs = item.pairs
        if not pairs:
            self._rows(item.items)
            return
        if len(pairs) == 1 and pairs[0][1].pairs:
            self.film_from(pairs[0][1])  # such as {"storyboard": {…}}
            return
        if all(_is_shot(value) for _, value in pairs):
            for key, value in pairs:  # such as {"shot_1": {…}, "shot_2": {…}}
                self._shot(value, named=key)
            return
        lists = [(key, value) for key, value in pairs if _is_rows(key, value)]
        if not lists and any(field_of(key) in (Field.PROMPT, Field.PICTURE) for key, _ in pairs):
            self._shot(item)
            return
        shared = {id(value) for _, value in lists}
        for key, value in pairs:
            if id(value) not in shared and not (key == "prompt" and lists):
                self._about_film(key, value)
        for _, value in lists:
            self._rows(_rows_of(value))

    def shots_from(self, items: Sequence[JsonItem]) -> None:
        self._rows(items)

    def _about_film(self, key: str, value: JsonItem) -> None:
        if field_of(key) is Field.CHARACTERS:
            self._characters(value)
        elif field_of(key) is Field.STYLE and value.pairs:
            looks = ", ".join(text for _, child in value.pairs if (text := flat_text(child)))
            self.builder.add_to_film(key, looks, value.line, known=Field.STYLE)
        elif (children := value.pairs) and field_of(key) is None:
            for name, child in children:  # such as "settings", "meta" or "global"
                self._about_film(name, child)
        else:
            self.builder.add_to_film(key, flat_text(value), value.line)

    def _characters(self, value: JsonItem) -> None:
        characters = self.builder.film.characters
        if not value.items and not value.pairs:
            self.builder.add_characters(value.text, value.line)
            return
        for name, looks in value.pairs:
            characters[name] = flat_text(looks)
        for child in value.items:
            pairs = dict(child.pairs)
            if not pairs:
                self.builder.add_characters(flat_text(child), child.line)
                continue
            key = next(
                (key for key in pairs if plain_label(key) in _SPEAKER_KEYS or field_of(key) is Field.TITLE), None
            )
            identifier = pairs["id"].text if key is None and "id" in pairs else ""
            name = flat_text(pairs.pop(key)).strip() if key else identifier.title() if identifier.isalpha() else ""
            told = [
                flat_text(each).rstrip(". ") for key, each in pairs.items() if plain_label(key) not in ("id", "number")
            ]
            description = ", ".join(text for text in told if text)
            if name:
                characters[name] = description
            elif description:
                self.builder.film.notes.append(f"Character: {description}")

    def _rows(self, items: Sequence[JsonItem]) -> None:
        """Scenes with shots in them, or shots; a scene's key in each shot begins a scene where it changes."""
        rows = [dict(item.pairs) for item in items]
        scene_key = next((key for row in rows for key in row if field_of(key) is Field.SCENE), None)
        by_scene = scene_key is not None and any(any(field_of(key) is Field.NUMBER for key in row) for row in rows)
        values = [flat_text(row[scene_key]) for row in rows if scene_key in row] if scene_key else []
        by_scene = by_scene or len(set(values)) < len(values)
        last = None
        for item, row in zip(items, rows, strict=True):
            if any(_is_rows(key, value) for key, value in row.items()):
                self._scene(item)
                last = None
                continue
            if by_scene and scene_key in row and flat_text(row[scene_key]) != last:
                last = flat_text(row[scene_key])
                self.builder.begin_named_scene(item.line, last)
            self._shot(item, skip=scene_key if by_scene else None)

    def _scene(self, item: JsonItem) -> None:
        scene = self.builder.begin_scene(item.line)
        lists: list[JsonItem] = []
        places: list[str] = []
        for key, value in item.pairs:
            meaning = field_of(key)
            text = flat_text(value)
            if _is_rows(key, value):
                lists.append(value)
            elif meaning in (Field.SCENE, Field.NUMBER):
                number, title = number_and_title(text)
                scene.number, scene.title = scene.number or number, scene.title or title
            elif meaning is Field.TITLE:
                scene.title = text
            elif plain_label(key) in _PLACES and text:
                places.append(text.strip(" ."))
            elif text:
                scene.notes.append(f"{key.replace('_', ' ').capitalize()}: {text}")
                if meaning is None:
                    self.builder.film.keep(value.line, f"{key}: {text}", "a `.note` of its scene")
        scene.place = sentence(", ".join(places))
        for value in lists:
            self._rows_within(_rows_of(value))

    def _rows_within(self, items: Sequence[JsonItem]) -> None:
        for item in items:
            self._shot(item)

    def _shot(self, item: JsonItem, skip: str | None = None, named: str = "") -> None:
        self.builder.begin_shot(item.line, named)
        pairs = item.pairs
        if not pairs:
            self.builder.add_text(flat_text(item), item.line)
            return
        for key, value in pairs:
            if key != skip:
                self._field(key, value, field_of(key))

    def _field(self, key: str, value: JsonItem, meaning: Field | None) -> None:
        """Add a field of the last shot; an object in it, such as "audio", has fields of its own."""
        if meaning is Field.SCENE:
            self.builder.add("number", flat_text(value), value.line, known=Field.NUMBER)
        elif meaning is Field.SAY and (spoken := list(_spoken(value))):
            for said in spoken:
                self.builder.add(key, said, value.line, known=Field.SAY)
        elif meaning in _HAS_FIELDS and (children := value.pairs):
            for name, child in children:
                self._field(name, child, field_of(f"{key} {name}") or field_of(name))
        else:
            self.builder.add(key, flat_text(value), value.line, known=meaning)


def _is_shot(value: JsonItem) -> bool:
    """Whether an object has a prompt, a picture or a length."""
    return any(field_of(name) in (Field.PROMPT, Field.PICTURE, Field.LENGTH) for name, _ in value.pairs)


def _rows_of(value: JsonItem) -> Sequence[JsonItem]:
    """Return the items of a list, or the values of an object such as `{"shot_1": …, "shot_2": …}`."""
    return value.items or tuple(child for _, child in value.pairs)


def _is_rows(key: str, value: JsonItem) -> bool:
    """Whether a value holds scenes or shots."""
    items = value.items
    name = plain_label(key)
    if name in _SHOTS or name in _SCENES:
        return bool(items) or (bool(value.pairs) and all(child.pairs for _, child in value.pairs))
    if field_of(key) in (Field.CHARACTERS, Field.SAY, Field.CAPTION, Field.NOTE):
        return False
    return bool(items) and all(map(_is_shot, items))


def _spoken(value: JsonItem) -> Iterator[str]:
    """Lines of dialogue that are objects with a speaker and a text."""
    for item in value.items if not value.pairs else [value]:
        pairs = item.pairs
        who = next((flat_text(child) for key, child in pairs if plain_label(key) in _SPEAKER_KEYS), "")
        said = next((flat_text(child) for key, child in pairs if plain_label(key) in _LINE_KEYS), "")
        rest = [flat_text(child) for key, child in pairs if plain_label(key) not in _SPEAKER_KEYS | _LINE_KEYS]
        if not pairs:
            yield flat_text(item)
        elif said:
            aside = f" ({', '.join(text for text in rest if text)})" if any(rest) else ""
            yield f"{who}{aside}: {said}" if who else f"{said}{aside}"
        else:
            yield flat_text(item)


def flat_text(item: JsonItem) -> str:
    """Flatten a value to text: lists with commas, or lines if their items are sentences; objects as `key: value`."""
    if item.text:
        return item.text
    pairs = item.pairs
    if pairs:
        return ", ".join(f"{key.replace('_', ' ')}: {flat_text(value)}" for key, value in pairs if flat_text(value))
    texts = [text for text in map(flat_text, item.items) if text]
    return ("\n" if any(len(text.split()) > 6 or text[-1] in ".!?。！？" for text in texts) else ", ").join(texts)
