"""What a reader of hotspots must know, in Chinese and English."""

from __future__ import annotations

from layers.exported import Pair
from layers.findings import MESSAGES, Message
from layers.terms import term

NULLS: dict[str, Pair] = {
    "convolution": ("卷积", "convolution"),
    "binomial": ("二项分布", "binomial"),
    "poisson": ("泊松分布", "Poisson"),
    "negative binomial": ("负二项分布", "negative binomial"),
    "quasi-binomial": ("准二项分布", "quasi-binomial"),
}

BASELINES: dict[str, Pair] = {
    "population": ("人口", "inhabitants"),
    "area": ("面积", "ground"),
    "none": ("各单元平均数", "what any other bin has"),
}

NOTES: dict[str, Pair] = {
    "share": (
        "热点是该类别在全部上报中占比显著偏高的地方；人们在哪里上报得多，这里不算热点。",
        "Hot is where the category has a larger share of all reports than in the whole city; a place where people report much of everything is not hot for that.",
    ),
    "exposure": (
        "热点是相对基数（{name}）上报偏多的地方。",
        "Hot is where there are more reports for what is there ({name}) than in the whole city.",
    ),
    "none": (
        "热点只说明上报多的地方，不说明问题率高：人多、设施多的地方上报自然多。",
        "Hot is only where reports are many, not where problems are frequent: where people or assets are many, reports are.",
    ),
    "share_of_all": (
        "所问的就是全部上报，占比恒为 100%，没有意义；因此以{name}为基数。",
        "What is asked about is all reports, whose share is 100 % everywhere; they are held against {name} instead.",
    ),
    "water": (
        "{count:,} 个单元几乎全是水面，该类别不会在那里发生，不参与统计。",
        "{count:,} {count:part of the city is|parts of the city are} water, where this cannot occur: {count:it is|they are} excluded, not zero.",
    ),
    "no_asset": (
        "{category}：{count:,} 个单元没有这类部件，不参与统计。",
        "{category}: {count:,} {count:part of the city has|parts of the city have} no such asset and {count:is|are} excluded, not zero.",
    ),
    "inventory": (
        "{category}：{share:.0%} 的上报附近没有这类部件，部件清单可能不全，因此没有据此排除单元。",
        "{category}: {share:.0%} of the reports are near no such asset; the inventory may be incomplete, so nothing was excluded by it.",
    ),
    "left_out": (
        "有基数之外的 {count:,} 件上报没有参与（{category}）。",
        "{category}: {count:,} {count:report lies|reports lie} in parts of the city that are excluded.",
    ),
    "overdispersed": (
        "{category}：上报成团出现（方差是均值的 {ratio:.1f} 倍），检验已据此放宽（{null}）。",
        "{category}: reports come in clumps (variance {ratio:.1f} times the mean), and the test allows for that ({null}).",
    ),
    "outside": (
        "{count:,} 件上报不在所统计的范围内，没有参与。",
        "{count:,} {count:report lies|reports lie} in no part of the city that was counted, and {count:does|do} not count.",
    ),
    "nowhere": (
        "{count:,} 件上报没有位置，没有参与。",
        "{count:,} {count:report has|reports have} no position and {count:does|do} not count.",
    ),
    "undated": (
        "{count:,} 件上报没有时间，指定了时间范围时不参与。",
        "{count:,} {count:report has|reports have} no time and {count:does|do} not count where a window is asked for.",
    ),
    "nobody": (
        "上报均未注明上报人，故各问题各计一次；同一问题多次上报只计一次（“reports”一列为全部上报）。",
        "No report says who it is from, so each problem counts; one that was reported several times counts once (column reports has every report).",
    ),
    "reporters": (
        "同一人就同一类别在同一处（单元及其周边）的上报只算一次；重复上报的同一问题也只算一次（原始上报数见 reports 列）。",
        "A person counts once for a category among neighbouring parts of the city, and so does a problem that was reported several times (column reports has every report).",
    ),
    "accounts": (
        "渠道 {channels} 的上报人平均上报十件以上，应是话务员或巡查员账号，其问题逐件计算。",
        "The reporters of {channels} have more than ten issues each: they are taken for accounts, of a hotline or of patrols, and each of their issues counts.",
    ),
    "issues": (
        "重复上报的同一问题只算一次（原始上报数见 reports 列）。",
        "A problem that was reported several times counts once (column reports has every report).",
    ),
    "reports": (
        "每件上报都算，重复的也算：一个人反复上报会造成热点。",
        "Every report counts, repeated ones too: one person who reports often makes a hotspot.",
    ),
    "folded": (
        "{issues:,} 个问题中有 {count:,} 个因同一人就近重复而并入其他问题；若上报人是话务员或巡查员账号，应逐个问题计算（count 选 issues）。",
        "{count:,} of {issues:,} {issues:issue|issues} {count:counts|count} with others of the same person nearby; if reporters are accounts of a hotline or of patrols, count issues instead (count: issues).",
    ),
    "odd_times": (
        "{count:,} 件上报的时间与其余相差一年以上，未计入变化与趋势。",
        "{count:,} {count:report is|reports are} dated more than a year off all others, and {count:does|do} not count for change and trend.",
    ),
    "no_change": (
        "时间不足以比较近 {days} 天与此前，未作变化与趋势检验。",
        "The window is too short to compare its last {days:day|{days} days} with what was before: no change or trend was tested.",
    ),
    "no_times": (
        "没有一件上报注明时间，未作变化与趋势检验。",
        "No report says when it was: no change or trend was tested.",
    ),
    "last_report": (
        "最后一件上报在 {day}，“近 {days} 天”指截至那时。",
        "The last report is of {day}: lately is the {days:day|{days} days} until then.",
    ),
    "few": (
        "只有 {count:,} 个单元：少于 30 个时热点检验把握不大，可试 --bins。",
        "There {count:is|are} only {count:,} {count:part|parts}: with fewer than 30 a test for hotspots tells little; try --bins.",
    ),
    "no_scan": (
        "单元与类别之积超过 {most:,}，未作圆形扫描（Kulldorff）；用更大的单元或更少的类别可得到这一旁证。",
        "More than {most:,} parts times categories: Kulldorff's circular scan was not made; larger parts or fewer categories get this second opinion.",
    ),
    "clusters": (
        "圆形扫描（Kulldorff，旁证）找到 {count:,} 个聚集区，最可能的一个有 {observed:,.0f} 件，期望 {expected:,.1f} 件（p = {p:.2g}）。",
        "Kulldorff's circular scan, the second opinion, finds {count:,} {count:cluster|clusters}; the likeliest has {observed:,.0f} where {expected:,.1f} are expected (p = {p:.2g}).",
    ),
    "no_clusters": (
        "圆形扫描（Kulldorff，旁证）没有找到聚集区。",
        "Kulldorff's circular scan, the second opinion, finds no cluster.",
    ),
    "picture": (
        "密度面只是示意图，不是检验。",
        "The density surface is a picture, not a test.",
    ),
    "no_reports": (
        "没有可以统计的上报。",
        "There are no reports to count.",
    ),
    "road": (
        "距最近道路超过 {far:g} 米的上报不属于任何路段。",
        "Reports farther than {far:g} m from every road belong to no stretch.",
    ),
}

FILE_MESSAGES = {
    "times_unread": Message(
        "“{column}”一列的 {times:,} 个时间中有 {count:,} 个读不懂（例如“{value}”），按时间不明处理。",
        "{count:,} of {times:,} {times:time|times} in {column!r} cannot be read, such as {value!r}.",
        "请写成 2026-07-01 08:30；01/31/2013 这样的日期只有带时刻和 AM 或 PM 时才读，按月/日/年。",
        "Write 2026-07-01 08:30; a date such as 01/31/2013 is read, as month/day/year, only with a time in AM or PM.",
    ),
    "ids_doubtful": Message(
        "“{column}”一列没有当作上报编号：{said:,} 个值中只有 {count:,} 个不同。",
        "Column {column!r} is not taken for ids of reports: there {count:is|are} only {count:,} different {count:one|ones} in {said:,} rows.",
        "若值相同的各行确是同一问题，用 --map external_id={column}。",
        "If rows with one value tell of one thing, say --map external_id={column}.",
    ),
    "ids_shared": Message(
        "{count:,} 行的编号（“{column}”一列，例如“{value}”）与前面的行相同，与其只算一次。",
        "{count:,} {count:row shares|rows share} an id with an earlier one (column {column!r}, such as {value!r}) and {count:counts|count} once.",
        "若这一列不是编号，用 --map external_id=。",
        "If these are no ids, say --map external_id= (and nothing).",
    ),
}
MESSAGES.update(FILE_MESSAGES)


class Number(int):
    """A number that picks its words: ``{count:report lies|reports lie}``."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return super().__format__(spec) if not bar else one if self == 1 else many


def baseline_name(name: str, *, along_roads: bool = False) -> Pair:
    """What reports are held against: inhabitants, ground (of stretches, length), or assets of a kind."""
    if name == "area" and along_roads:
        return "长度", "length"
    return BASELINES.get(name) or (term("zh", name), term("en", name))


def note(code: str, **details: object) -> Pair:
    """A note in both languages; a detail that is a pair is said in each."""
    zh, en = (
        {name: _worded(said[place] if isinstance(said, tuple) else said) for name, said in details.items()}
        for place in (0, 1)
    )
    return NOTES[code][0].format(**zh), NOTES[code][1].format(**en)


def _worded(said: object) -> object:
    return Number(said) if isinstance(said, int) else said
