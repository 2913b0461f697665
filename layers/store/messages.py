"""What `doctor` says of a city's store, in Chinese and English."""

from __future__ import annotations

from layers.findings import MESSAGES, Message

_RESTORE = (
    "恢复最近一份完好的备份：woodpecker restore。",
    "Restore the last good backup: woodpecker restore.",
)

STORE_MESSAGES: dict[str, Message] = {
    "store_unreadable": Message(
        "存储库无法读取：{value}", "The store cannot be read: {value}", "{mend}", "{mend}"
    ),
    "store_damaged": Message(
        "数据库文件已损坏：{value}。", "The database file is damaged: {value}.", *_RESTORE
    ),
    "chain_broken": Message(
        "事件链在第 {value} 号事件处断开：该事件被修改、删除或插入。",
        "The chain of events breaks at event {value}: it was altered, deleted or slipped in.",
        *_RESTORE,
    ),
    "row_edited": Message(
        "{layer} 的 {value} 与事件记录不符（{what}）：被绕过程序改动过。",
        "{value} in {layer} is not what its events tell ({what}): it was changed past the program.",
        "查明是谁改的；如不能确认内容，恢复备份。",
        "Find out who changed it; restore a backup where nobody can say what is right.",
    ),
    "proof_altered": Message(
        "答复依据 {value} 已不是原来的内容。", "Proof {value} is no longer what it was.", *_RESTORE
    ),
    "photo_missing": Message(
        "上报引用的 {count} 张照片不在 photos 文件夹里，例如 {value}。",
        "{count} photos that reports name are not in the folder photos, such as {value}.",
        "从备份中找回这些文件。",
        "Bring the files back from a backup.",
    ),
    "photo_unnamed": Message(
        "photos 文件夹里有 {count} 个文件没有任何上报引用，例如 {value}。",
        "{count} files in the folder photos belong to no report, such as {value}.",
        "确认不需要后删除；它们可能含有个人信息。",
        "Delete them where nobody needs them: they may show persons.",
    ),
    "sqlite_version": Message(
        "SQLite {value} 有一个缺陷：两个程序同时写入或整理日志时可能损坏数据库。本程序只用一个连接写入，不受影响。",
        "SQLite {value} has a fault that can damage the file when two programs write it, or empty its log, "
        "at once. Woodpecker writes with one connection only and is safe.",
        "不要用其他程序打开 issues.db；有条件时换用 SQLite 3.51.3 或更新版本。",
        "Open issues.db with no other program; use SQLite 3.51.3 or later where you can.",
    ),
}

MESSAGES.update(STORE_MESSAGES)
