"""Why a whole file cannot be read: the contract's code and the sentence for each reason that the reader gives."""

from django.utils.translation import gettext_lazy as _

FILE_CODES = (
    "encrypted",
    "macros",
    "damaged",
    "unsupported",
    "too_large",
    "bomb",
    "no_header",
    "duplicate_header",
    "empty",
)

REASONS = {
    "password": ("encrypted", _("这份文件设了密码，打不开。请在 Excel 或 WPS 里取消密码，另存后再传。")),
    "macros": ("macros", _("这份文件带宏。请另存为不带宏的 .xlsx 再传。")),
    "old_excel": ("unsupported", _("这是老式的 .xls 或 .et 文件，暂时还读不了。请另存为 .xlsx 或 CSV 再传。")),
    "open_document": ("unsupported", _("这是 ODS 文件，暂时还读不了。请另存为 .xlsx 或 CSV 再传。")),
    "binary_workbook": ("unsupported", _("这是二进制的 .xlsb 文件，读不了。请另存为 .xlsx 再传。")),
    "xml_2003": ("unsupported", _("这是“XML 表格 2003”，不是 .xlsx。请在 Excel 里打开，另存为 .xlsx 再传。")),
    "html": ("unsupported", _("这其实是一个网页，只是改成了表格的名字。请在 Excel 里打开，另存为 .xlsx 再传。")),
    "word": ("unsupported", _("这是 Word 文档，不是表格。")),
    "pdf": ("unsupported", _("这是 PDF，不是表格。请传原来的 Excel 文件。")),
    "rtf": ("unsupported", _("这是文字文档，不是表格。")),
    "archive": ("unsupported", _("这是压缩包。请解压后传里面的表格。")),
    "picture": ("unsupported", _("这是图片，不是表格。")),
    "no_workbook": ("unsupported", _("这个压缩包里没有工作簿，不是 .xlsx 文件。")),
    "utf16": ("unsupported", _("这是“Unicode 文本”。请另存为“CSV UTF-8（逗号分隔）”或 .xlsx 再传。")),
    "zip_method": ("unsupported", _("这份文件用了不常见的压缩方法。请在 Excel 或 WPS 里打开，另存为 .xlsx 再传。")),
    "encoding": ("damaged", _("文件里有不是 UTF-8 的部分。请在 Excel 或 WPS 里打开，另存为 .xlsx 再传。")),
    "zip_damaged": ("damaged", _("文件坏了，可能没有传完。请重新保存或重新下载后再传。")),
    "sizes_lie": ("damaged", _("文件坏了：里面的大小对不上。请在 Excel 或 WPS 里打开，另存后再传。")),
    "member_twice": ("damaged", _("文件里同名的部分出现了两次。请在 Excel 或 WPS 里打开，另存后再传。")),
    "member_path": ("damaged", _("文件里有指向别处的部分，不能打开。请在 Excel 或 WPS 里另存后再传。")),
    "xml": ("damaged", _("文件坏了，里面的内容读不通。请在 Excel 或 WPS 里打开，另存后再传。")),
    "dtd": ("damaged", _("文件里有不该有的实体定义，不能打开。请在 Excel 或 WPS 里另存后再传。")),
    "depth": ("damaged", _("文件里的内容嵌套得太深，不是正常的表格。请在 Excel 或 WPS 里另存后再传。")),
    "reference": ("damaged", _("文件里有不存在的格子地址。请在 Excel 或 WPS 里打开，另存后再传。")),
    "string_index": ("damaged", _("文件坏了：有的格子指向不存在的文字。请在 Excel 或 WPS 里打开，另存后再传。")),
    "no_sheet_part": ("damaged", _("文件坏了：少了工作表，或工作表重名。请在 Excel 或 WPS 里打开，另存后再传。")),
    "unreadable": ("damaged", _("这份文件读不出来。请在 Excel 或 WPS 里打开，另存为 .xlsx 再传。")),
    "text_encoding": ("damaged", _("文件头说是 UTF-8，内容却不是。请另存为“CSV UTF-8”或 .xlsx 再传。")),
    "zero_bytes": ("damaged", _("文本里夹着空字符，文件可能坏了。请重新导出，或另存为 .xlsx 再传。")),
    "not_text": ("damaged", _("这份文件既不是 .xlsx，也不是能读的文本。请另存为 .xlsx 再传。")),
    "quotes": ("damaged", _("第%(row)s行起引号没有配对，后面的行会被吞掉。请补上引号，或另存为 .xlsx 再传。")),
    "slid": ("damaged", _("第%(row)s行有%(cells)s格，表头只有%(width)s格，列错位了。请检查多出来的逗号。")),
    "file_bytes": ("too_large", _("文件超过 20 MB。请拆成几份，或删掉图片再传。")),
    "rows": ("too_large", _("有内容的行超过 20 万。请拆成几份再传。")),
    "columns": ("too_large", _("有内容的列超过 200。请只留要导入的列。")),
    "cell_characters": ("too_large", _("有一格超过 32,767 个字，表格软件自己也放不下。请删短再传。")),
    "token_bytes": ("too_large", _("有一格的内容太长，表格软件自己也放不下。请删短再传。")),
    "memory": ("too_large", _("这份表太大，读它要的内存超过限额。请拆成几份再传。")),
    "time": ("too_large", _("这份表太大或太复杂，两分钟还没有读完。请拆成几份再传。")),
    "members": ("bomb", _("文件里有超过 200 个部分，不像正常的表格。请在 Excel 或 WPS 里另存后再传。")),
    "part_bytes": ("bomb", _("文件里有一个部分解压后超过 256 MB，不像正常的表格。请只留要导入的内容再传。")),
    "unpacked_bytes": ("bomb", _("文件解压后超过 512 MB，不像正常的表格。请只留要导入的内容再传。")),
    "far_cell": ("bomb", _("工作表“%(sheet)s”的 %(address)s 有一个离数据很远的格子。请删掉那里的内容再传。")),
    "no_bytes": ("empty", _("文件是空的。")),
    "no_sheets": ("empty", _("工作簿里没有工作表。")),
    "no_rows": ("empty", _("表里没有数据，只有表头或空白。")),
    "no_header": ("no_header", _("前 15 行里没找到“%(kind)s”的表头。至少要有：%(wanted)s。可以下载空白模板对照。")),
    "duplicate_header": (
        "duplicate_header",
        _("表头“%(header)s”出现了两次（%(first)s 和 %(second)s），不知道读哪一列。请改名或删去一列。"),
    ),
}


class Unusable(Exception):
    """The file cannot be read. `code` is the contract's, `message` a sentence that says what to do."""

    def __init__(self, reason, **facts):
        self.reason, self.facts = reason, facts
        super().__init__(reason)

    @property
    def code(self):
        return REASONS[self.reason][0]

    @property
    def message(self):
        facts = dict(self.facts)
        if self.reason == "far_cell":
            facts["address"] = address(facts["row"], facts["column"])
        return str(REASONS[self.reason][1]) % facts if facts else str(REASONS[self.reason][1])

    def as_error(self):
        """The one error of a file that cannot be used, in the contract's shape."""
        return {"sheet": None, "row": None, "column": None, "code": self.code, "message": self.message, "value": None}


def letters(column):
    """ "A" for 1, "AA" for 27."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row, column):
    """ "B3" for row 3, column 2."""
    return f"{letters(column)}{row}"
