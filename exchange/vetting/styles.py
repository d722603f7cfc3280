"""Which cell styles are struck through: offices strike out rows instead of deleting them."""

from exchange.vetting import markup

STYLES = "xl/styles.xml"
OFF = ("0", "false", "none")


def struck_styles(package, looked_at):
    """Indices of the cell formats whose font is struck through, as text. Empty without a part of styles."""
    if STYLES not in package:
        return frozenset()
    looked_at.add(STYLES)
    fonts = Fonts()
    parser = markup.new_parser()
    parser.StartElementHandler, parser.EndElementHandler = fonts.start, fonts.end
    for block in markup.checked_segments(package, STYLES):
        markup.feed(parser, block)
    return frozenset(fonts.found)


class Fonts:
    """Follows <fonts> and <cellXfs> by their elements."""

    def __init__(self):
        self.inside, self.fonts, self.formats = None, -1, -1
        self.struck, self.found = set(), []

    def start(self, tag, attributes):
        tag = tag.rsplit(":", 1)[-1]
        if tag in ("fonts", "cellXfs"):
            self.inside = tag
        elif self.inside == "fonts" and tag == "font":
            self.fonts += 1
        elif self.inside == "fonts" and tag == "strike" and attributes.get("val", "1").lower() not in OFF:
            self.struck.add(str(self.fonts))
        elif self.inside == "cellXfs" and tag == "xf":
            self.formats += 1
            if attributes.get("fontId") in self.struck:
                self.found.append(str(self.formats))

    def end(self, tag):
        if tag.rsplit(":", 1)[-1] == self.inside:
            self.inside = None
