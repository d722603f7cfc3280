"""One pass over an XML part as a stream: well-formed, UTF-8, no DTD, not too deep, no endless token.

The pass counts brackets instead of calling Python for each element; where the counts look odd, an exact second pass decides.
"""

import html
from xml.parsers import expat

from exchange import limits
from exchange.vetting.refused import Refused


def checked_segments(package, name):
    """Yield the part `name` in pieces that each end just before a tag, after the checks. Raises Refused."""
    parser, carry, depth, odd = new_parser(), b"", 0, False
    for block in package.chunks(name):
        feed(parser, block)
        carry += block
        cut = carry.rfind(b"<")
        if cut <= 0:
            if len(carry) > limits.TOKEN_BYTES:
                raise Refused("token_bytes")
            continue
        segment, carry = carry[:cut], carry[cut:]
        depth, strange = _depth(segment, depth)
        odd = odd or strange
        _longest_text(segment)
        yield segment
    depth, strange = _depth(carry, depth)
    _longest_text(carry)
    feed(parser, b"", last=True)
    yield carry
    if odd or strange or depth:
        exact_depth(package, name)


def check(package, name):
    """The same checks where nobody wants the content."""
    for _ in checked_segments(package, name):
        pass


def new_parser():
    """An expat parser that refuses DTDs, entities and every encoding but UTF-8."""

    def refuse_dtd(*_):
        raise Refused("dtd")

    def declared(_version, encoding, _standalone):
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise Refused("encoding")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse_dtd
    parser.XmlDeclHandler = declared
    return parser


def feed(parser, block, last=False):
    """Give `block` to the parser; its errors become Refused."""
    if block[:2] in (b"\xff\xfe", b"\xfe\xff") or block[:4] in (b"\0<\0?", b"<\0?\0"):
        raise Refused("encoding")
    try:
        parser.Parse(block, last)
    except expat.ExpatError:
        raise Refused("xml") from None


def _depth(segment, depth):
    """How deep the elements are nested at the end of `segment`, and whether that is only a guess."""
    special = segment.count(b"<!") + segment.count(b"<?")
    closing = segment.count(b"</")
    depth += segment.count(b"<") - special - 2 * closing - segment.count(b"/>")
    return depth, bool(b"<!" in segment or depth < 0 or depth > limits.XML_DEPTH)


def exact_depth(package, name):
    """Parse once more, calling for each element. Raises Refused("depth")."""
    depth = 0

    def start(_tag, _attributes):
        nonlocal depth
        depth += 1
        if depth > limits.XML_DEPTH:
            raise Refused("depth")

    def end(_tag):
        nonlocal depth
        depth -= 1

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for block in package.chunks(name, again=True):
        feed(parser, block)
    feed(parser, b"", last=True)


def elements(package, name, tags):
    """[(tag, attributes)] of a small part in document order, names without their prefixes. Raises Refused."""
    found, depth = [], 0

    def start(tag, attributes):
        nonlocal depth
        depth += 1
        if depth > limits.XML_DEPTH:
            raise Refused("depth")
        tag = tag.rsplit(":", 1)[-1]
        if tag in tags:
            found.append((tag, {key.rsplit(":", 1)[-1]: value for key, value in attributes.items()}))

    def end(_tag):
        nonlocal depth
        depth -= 1

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    feed(parser, package.read(name), last=True)
    return found


def _longest_text(segment):
    """Refuse a text of more characters than a cell can hold. Looks only where such a text must pass."""
    step = limits.CELL_CHARACTERS
    for at in range(step, len(segment), step):
        left, right = segment.rfind(b"<", 0, at) + 1, segment.find(b"<", at)
        run = segment[left : right if right >= 0 else len(segment)]
        if len(run) > step and b">" in run:
            text = run[run.index(b">") + 1 :].decode("utf-8", "replace")
            if len(text) > step and len(html.unescape(text)) > step:
                raise Refused("cell_characters")
