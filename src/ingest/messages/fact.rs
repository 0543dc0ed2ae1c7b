//! From a kind and the named groups of a pattern to a fact: one function for built-in and user entries.

use super::lanes::Lanes;
use super::whether::Whether;
use crate::model::{BlockOutcome, Fact, Metadata, PackageId, State};
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// The kinds that a message can have: name, what it says, the groups it understands. `package` and
/// `name` are understood everywhere. A group may be repeated in another alternative of the same
/// pattern with a number behind it: `path_2`.
pub const KINDS: &[(&str, &str, &[&str])] = &[
    (
        "state-changed",
        "the state became `state`",
        &["state", "old_state"],
    ),
    ("state-seen", "the state was told in passing", &["state"]),
    ("download-queued", "a download was queued or scheduled", &[]),
    (
        "download-started",
        "a download started; with an `attempt` above 1 it resumed",
        &["attempt"],
    ),
    (
        "download-resumed",
        "a download was resumed or tried again",
        &["attempt"],
    ),
    (
        "progress",
        "a download reached `percent`, or `number` of `of` blocks",
        &["percent", "number", "of"],
    ),
    ("download-finished", "a download was completed", &["bytes"]),
    (
        "download-failed",
        "one attempt failed; busy and too old sources are known from `reason`",
        &["code", "reason", "attempt"],
    ),
    ("download-given-up", "no more attempts follow", &["code"]),
    (
        "block",
        "block `number` was downloaded, failed or is retried, as `action` says",
        &["number", "of", "action", "path", "bytes"],
    ),
    (
        "blocks-needed",
        "`needed` of `of` blocks have to be downloaded",
        &["needed", "of"],
    ),
    (
        "file-missing",
        "the file `path` of the package is missing on the server",
        &["path"],
    ),
    (
        "files-missing",
        "so many files of the package are missing on the server",
        &["missing", "of"],
    ),
    ("verification-started", "the files are being checked", &[]),
    ("verification-passed", "a check found nothing wrong", &[]),
    ("verification-failed", "a check found something wrong", &[]),
    ("file-seen", "the file `path` existed", &["path", "hash"]),
    (
        "file-failed",
        "the download of the file `path` failed",
        &["path", "code", "http"],
    ),
    (
        "snapshot-received",
        "a snapshot arrived and was stored",
        &["version"],
    ),
    (
        "snapshot-changed",
        "the server has another snapshot than the disk",
        &["version"],
    ),
    (
        "snapshot-unchanged",
        "the server has the same snapshot",
        &["version"],
    ),
    (
        "snapshot-missing",
        "snapshot.xml was looked for and not found",
        &[],
    ),
    (
        "status-missing",
        "PackageStatus.xml was looked for and not found",
        &[],
    ),
    (
        "snapshot-locked",
        "another process holds snapshot.xml open",
        &[],
    ),
    (
        "version-stated",
        "versions side by side: `required` and `local`",
        &["required", "local"],
    ),
    (
        "version-changed",
        "the version changed, `to` a new one",
        &["from", "to"],
    ),
    (
        "location",
        "`path` is the place of the files on the server",
        &["path"],
    ),
    (
        "location-changed",
        "the place of the files on the server changed",
        &["from", "to"],
    ),
    (
        "package-path-changed",
        "the path of the package at its source changed",
        &["from", "to"],
    ),
    (
        "refresh-started",
        "the packages are being compared with configuration and disk",
        &["reason"],
    ),
    ("refresh-finished", "that comparison ended", &[]),
    (
        "operator",
        "somebody did `action`: force download, check integrity, resend status",
        &["action", "user"],
    ),
    ("assigned", "the package was assigned to the server", &[]),
    (
        "unassigned",
        "the package was unassigned from the server",
        &[],
    ),
    (
        "marked-deleted",
        "the product marked the package Deleted",
        &[],
    ),
    ("cleaned-up", "the product deleted the package's files", &[]),
    (
        "network-failed",
        "a network operation failed",
        &["code", "http"],
    ),
    (
        "access-denied",
        "rights, a share or a path were refused",
        &["code"],
    ),
    (
        "times-corrected",
        "file times were corrected, nothing was downloaded",
        &[],
    ),
    (
        "share-removed",
        "the virtual directory of the package was taken away",
        &[],
    ),
    (
        "agent-started",
        "the agent or its Package Server part started",
        &[],
    ),
    (
        "agent-stopped",
        "the agent or its Package Server part stopped",
        &[],
    ),
    (
        "client-delivery",
        "this computer downloads the package for itself, not as a Package Server",
        &[],
    ),
    (
        "other",
        "about a package, without a meaning for the analysis",
        &[],
    ),
];

/// Groups that every kind understands.
pub(super) const EVERYWHERE: [&str; 2] = ["package", "name"];

/// The named groups of one match, cut out of the message as written.
pub(super) struct Groups<'m>(pub Vec<(&'m str, &'m str)>);

impl<'m> Groups<'m> {
    /// The text of `name`, or of its repetition in another alternative.
    pub(super) fn get(&self, name: &str) -> Option<&'m str> {
        self.0
            .iter()
            .find(|(group, _)| is_named(group, name))
            .map(|(_, text)| text.trim().trim_matches(['"', '\'', '‘', '’', '“', '”']))
            .filter(|text| !text.is_empty())
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        let text: String = self
            .get(name)?
            .chars()
            .filter(|c| !",. _".contains(*c))
            .collect();
        text.parse().ok()
    }

    fn text(&self, name: &str) -> Option<Box<str>> {
        self.get(name).map(Into::into)
    }
}

/// Whether a group is that of a name, which has no number at its end, in any alternative.
fn is_named(group: &str, name: &str) -> bool {
    group
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || base_name(group) == name)
}

/// `path_2` is `path` in another alternative.
pub(super) fn base_name(group: &str) -> &str {
    match group.rsplit_once('_') {
        Some((base, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => base,
        _ => group,
    }
}

/// Reads a state word as `State::parse` does, also when it is written as one word (`RetryingDownload`).
pub(super) fn state_of(text: &str) -> Option<State> {
    // Most of what stands in quotes is a path, which needs no closer look.
    let is_no_word = |byte| matches!(byte, b'\\' | b'/' | b':' | b'0'..=b'9');
    if text.bytes().any(is_no_word) {
        return None;
    }
    State::parse(text).or_else(|| {
        let word = text
            .trim()
            .to_ascii_lowercase()
            .replace([' ', '_', '-'], "");
        Some(match word.strip_prefix("aexswdpkg").unwrap_or(&word) {
            "retryingdownload" | "waitingtoretry" | "waitingforretry" => State::Retrying,
            "downloadinprogress" => State::Downloading,
            "notready" => State::NotReady,
            "downloadpending" | "pendingdownload" => State::Pending,
            _ => return None,
        })
    })
}

/// The fact of `kind` that the groups and the message tell; `None` if what the kind needs is not there.
pub(super) fn build(kind: &str, groups: &Groups<'_>, message: &str, shade: &[u8]) -> Option<Fact> {
    let code = || {
        groups
            .get("code")
            .and_then(parse_code)
            .or_else(|| find_code(message, shade))
    };
    let http = || {
        groups
            .get("http")
            .and_then(|text| text.parse().ok())
            .or_else(|| find_http(message, shade))
            .filter(|status| *status >= 100)
    };
    let attempt = || {
        groups
            .number("attempt")
            .or_else(|| find_number(&ATTEMPT, message, shade))
    };
    let version = || {
        groups
            .number("version")
            .or_else(|| find_number(&VERSION, message, shade))
    };
    Some(match kind {
        "state-changed" => Fact::StateChanged {
            to: state_of(groups.get("state")?)?,
            from: groups.get("old_state").and_then(state_of),
        },
        "state-seen" => Fact::StateSeen {
            state: state_of(groups.get("state")?)?,
        },
        "download-queued" => Fact::DownloadQueued,
        "download-started" => match attempt() {
            Some(number) if number > 1 => Fact::DownloadResumed {
                attempt: Some(number),
            },
            _ => Fact::DownloadStarted,
        },
        "download-resumed" => Fact::DownloadResumed { attempt: attempt() },
        "progress" => Fact::Progress {
            percent: percent(groups)?,
        },
        "download-finished" => Fact::DownloadFinished {
            bytes: groups
                .number("bytes")
                .or_else(|| find_number(&BYTES, message, shade)),
        },
        "download-failed" => {
            let reason = groups.get("reason").unwrap_or(message).to_ascii_lowercase();
            Fact::DownloadFailed {
                code: code(),
                busy: ["busy", "backing off", "backing-off", "backoff"]
                    .iter()
                    .any(|word| reason.contains(word))
                    || http() == Some(503),
                older: reason.contains("older than"),
            }
        }
        "download-given-up" => Fact::DownloadGivenUp { code: code() },
        "block" => Fact::Block {
            number: match groups.number("number") {
                Some(number) => number,
                // Blocks have 2 MB; an offset tells which one it is.
                None => u32::try_from(groups.number::<u64>("bytes")? / 2_097_152 + 1).ok()?,
            },
            of: groups.number("of"),
            outcome: outcome(groups.get("action").unwrap_or("")),
            file: groups.text("path"),
        },
        "blocks-needed" => Fact::BlocksNeeded {
            needed: groups.number("needed")?,
            of: groups.number("of")?,
        },
        "file-missing" => missing(groups.text("path")?)?,
        "files-missing" => match groups.number("missing")? {
            // "0 of 12 files are missing" is good news.
            0 => Fact::VerificationPassed,
            missing => Fact::FilesMissing {
                missing,
                of: groups.number("of"),
            },
        },
        "verification-started" => Fact::VerificationStarted,
        "verification-passed" => Fact::VerificationPassed,
        "verification-failed" => Fact::VerificationFailed,
        "file-seen" => Fact::FileSeen {
            path: groups.text("path")?,
            hash: groups.text("hash"),
        },
        "file-failed" => Fact::FileFailed {
            path: groups.text("path")?,
            code: code(),
            http: http(),
        },
        "snapshot-received" => Fact::SnapshotReceived { version: version() },
        "snapshot-changed" => Fact::SnapshotChanged { version: version() },
        "snapshot-unchanged" => Fact::SnapshotUnchanged { version: version() },
        "snapshot-missing" => Fact::MetadataMissing {
            what: Metadata::Snapshot,
        },
        "status-missing" => Fact::MetadataMissing {
            what: Metadata::Status,
        },
        "snapshot-locked" => Fact::SnapshotLocked,
        "version-stated" => {
            let (required, local) = (groups.number("required"), groups.number("local"));
            required.or(local)?;
            Fact::VersionStated { required, local }
        }
        "version-changed" => {
            let (from, to) = (groups.number("from"), groups.number("to")?);
            match from {
                Some(same) if same == to => Fact::VersionStated {
                    required: Some(to),
                    local: Some(same),
                },
                _ => Fact::VersionChanged { from, to },
            }
        }
        "location" => Fact::Location {
            path: groups.text("path")?,
        },
        "location-changed" => Fact::LocationChanged {
            from: groups.text("from"),
            to: groups.text("to")?,
        },
        "package-path-changed" => Fact::PackagePathChanged {
            from: groups.text("from"),
            to: groups.text("to")?,
        },
        "refresh-started" => Fact::RefreshStarted {
            reason: groups.text("reason"),
        },
        "refresh-finished" => Fact::RefreshFinished,
        "operator" => Fact::Operator {
            action: action(groups.get("action")?),
            user: groups
                .get("user")
                .map(|user| user.trim_end_matches([':', '.', ',']))
                .filter(|user| !NOBODY.contains(&user.to_ascii_lowercase().as_str()))
                .map(Into::into),
        },
        "assigned" => Fact::Assigned,
        "unassigned" => Fact::Unassigned,
        "marked-deleted" => Fact::MarkedDeleted,
        "cleaned-up" => Fact::CleanedUp,
        "network-failed" => Fact::NetworkFailed {
            code: code(),
            http: http(),
        },
        "access-denied" => Fact::AccessDenied { code: code() },
        "times-corrected" => Fact::TimesCorrected,
        "share-removed" => Fact::ShareRemoved,
        "agent-started" => Fact::AgentStarted,
        "agent-stopped" => Fact::AgentStopped,
        "client-delivery" => Fact::ClientDelivery,
        "other" => Fact::Other,
        _ => return None,
    })
}

/// The product's own records are metadata however their absence is worded, and a registry key is
/// no file.
fn missing(path: Box<str>) -> Option<Fact> {
    let lower = path.to_ascii_lowercase();
    if lower.starts_with("hklm") || lower.starts_with("hkey") || lower.starts_with("hkcu") {
        return None;
    }
    Some(match lower.rsplit(['\\', '/']).next() {
        Some("snapshot.xml") => Fact::MetadataMissing {
            what: Metadata::Snapshot,
        },
        Some("packagestatus.xml") => Fact::MetadataMissing {
            what: Metadata::Status,
        },
        _ => Fact::FileMissing { path },
    })
}

fn percent(groups: &Groups<'_>) -> Option<u8> {
    if let Some(text) = groups.get("percent") {
        // 99.6 % is not finished: cut, never round.
        let whole = text.split(['.', ',']).next()?;
        return whole.parse().ok().filter(|percent| *percent <= 100);
    }
    let (number, of) = (groups.number::<u64>("number")?, groups.number::<u64>("of")?);
    u8::try_from(number.checked_mul(100)?.checked_div(of)?)
        .ok()
        .filter(|percent| *percent <= 100)
}

fn outcome(word: &str) -> BlockOutcome {
    static FAILED: LazyLock<Whether> = LazyLock::new(|| {
        Whether::of(
            "(?i)fail|err|corrupt|damag|mismatch|timed out|timeout|lost|not |bad|abort|wrong",
        )
    });
    static RETRIED: LazyLock<Whether> = LazyLock::new(|| Whether::of("(?i)retr|again|re-"));
    if FAILED.is_match(word.as_bytes()) {
        BlockOutcome::Failed
    } else if RETRIED.is_match(word.as_bytes()) {
        BlockOutcome::Retried
    } else {
        BlockOutcome::Downloaded
    }
}

/// One spelling for each action of an operator, whatever the button was called.
fn action(text: &str) -> Box<str> {
    let text = text.to_lowercase();
    let has = |stem: &str| text.contains(stem);
    if has("force") {
        "force download".into()
    } else if has("integrity") {
        "check integrity".into()
    } else if has("resend") || has("re-send") {
        "resend status".into()
    } else if has("install") {
        "reinstall".into()
    } else if has("relocat") {
        "relocation".into()
    } else {
        text.trim().into()
    }
}

/// Words that stand where a user may stand, and name none.
const NOBODY: &[&str] = &[
    "command", "request", "console", "action", "menu", "button", "order",
];

/// `0x80070005`, `-2147024891` and `2147942405` are the same code.
pub(super) fn parse_code(text: &str) -> Option<u32> {
    let text = text.trim_matches(['(', ')', '.', ' ']);
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok();
    }
    if let Ok(signed) = text.parse::<i32>() {
        return Some(signed.cast_unsigned());
    }
    text.parse().ok().or_else(|| {
        (text.len() == 8)
            .then(|| u32::from_str_radix(text, 16).ok())
            .flatten()
    })
}

static CODE: LazyLock<Lanes<Regex>> = LazyLock::new(|| {
    plain(
        r"(?:^|[^a-z0-9_])(0x[0-9a-f]{1,8})(?:[^a-z0-9]|$)|(?:^|[^\d.])(-?2147\d{6})(?:\D|$)|(?:win32|system|hresult|error)(?: error)?(?: code)?[ :=]+(\d{1,5})(?:[^\dx.]|$)|[a-z][.!]? ?\((?:error |code )?(\d{1,5})\)[. ]*$",
    )
});
static HTTP: LazyLock<Lanes<Regex>> = LazyLock::new(|| {
    plain(
        r"http(?:/1\.[01])?(?: status| error| response| result)?(?: code)?[ :=]+'*([1-5]\d\d)(?:\D|$)|(?:status|error|code|error note)[ :=]+'*([45]\d\d)(?:\D|$)|\b([45]\d\d) (?:not found|unauthorized|forbidden|service unavailable|server is too busy|internal server|bad gateway|gateway)",
    )
});
static ATTEMPT: LazyLock<Lanes<Regex>> = LazyLock::new(|| {
    plain(r"\b(?:attempt|retry|try|trial)(?: no\.?| number| count)?[ #:=]*(\d{1,4})\b")
});
static VERSION: LazyLock<Lanes<Regex>> = LazyLock::new(|| {
    plain(r"\b(?:version|ver|v|revision|rev)\.?(?: is| now| number)?[ #:='(]*(\d{1,18})\b")
});
static BYTES: LazyLock<Lanes<Regex>> = LazyLock::new(|| plain(r"\b(\d[\d,.]{0,24}) ?bytes?\b"));

/// A regex over shades.
pub(super) fn plain(pattern: &str) -> Lanes<Regex> {
    // The patterns are constants, and a test compiles them all; an empty regex never stands here.
    let built = RegexBuilder::new(pattern)
        .unicode(false)
        .multi_line(true)
        .build();
    Lanes::of(built.unwrap_or_else(|_| NEVER.clone()))
}

/// Matches nothing.
static NEVER: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used, reason = "a constant of the program, not input")]
    Regex::new(r"[^\s\S]").unwrap()
});

fn first<'m>(regex: &Lanes<Regex>, message: &'m str, shade: &[u8]) -> Option<&'m str> {
    let found = regex.own().captures(shade)?;
    let group = found.iter().skip(1).flatten().next()?;
    message.get(group.range())
}

fn find_number<N: std::str::FromStr>(
    regex: &Lanes<Regex>,
    message: &str,
    shade: &[u8],
) -> Option<N> {
    let text: String = first(regex, message, shade)?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    text.parse().ok()
}

/// The HTTP status that a message of failure states.
pub fn http_status(message: &str) -> Option<u16> {
    let lower = message.to_ascii_lowercase();
    find_http(message, lower.as_bytes())
}

/// The last code in the message: reasons come first, their codes behind them.
pub(super) fn find_code(message: &str, shade: &[u8]) -> Option<u32> {
    CODE.own()
        .captures_iter(shade)
        .filter_map(|found| {
            found
                .iter()
                .skip(1)
                .flatten()
                .next()
                .map(|group| group.range())
        })
        .filter_map(|range| parse_code(message.get(range)?))
        .filter(|code| *code != 0)
        .last()
}

pub(super) fn find_attempt(message: &str, shade: &[u8]) -> Option<u32> {
    find_number(&ATTEMPT, message, shade)
}

fn find_http(message: &str, shade: &[u8]) -> Option<u16> {
    first(&HTTP, message, shade)?.parse().ok()
}

static BEFORE_NO_PACKAGE: LazyLock<Whether> = LazyLock::new(|| {
    Whether::of(
        r"(?:polic(?:y|ies)|scheme|schedule|item|task|advertisement|program|client|computer|machine|resource|server|session|request|site|user|job|event|bulletin|collection|filter|agent|connection|transfer|role|rule|instance|\bactivity|operation)(?: (?:id|guid|item|instance))?[ :=#]*(?:'+[^'\n]*'+ ?)?[ :='({\[]*$|^id:[ {]*$",
    )
});
static BEFORE_PACKAGE: LazyLock<Whether> = LazyLock::new(|| {
    Whether::of(
        r"(?:package|pkg)(?: ?(?:id|guid))?[ :=#]*(?:'+[^'\n]*'+ ?)?[ :='({\[]*$|(?:pkggroup_|package.delivery\\|packagestatus\\|package.status\\)\{?$",
    )
});

/// Whether the text before a GUID says that it is a policy, a task or a client.
pub(super) fn names_no_package(before: &[u8]) -> bool {
    !BEFORE_PACKAGE.is_match(before) && BEFORE_NO_PACKAGE.is_match(before)
}

/// The package that a message is about, and whether its GUID may well be a package's: one that is
/// called a policy, a task or a client is not. A line `Id: {...}` of a network operation names the
/// operation and never counts.
pub(super) fn package_of(message: &str, shade: &[u8]) -> Option<(PackageId, bool)> {
    let mut best: Option<(u8, PackageId)> = None;
    for start in super::shade::guids(shade) {
        let Some(id) = message.get(start..start + 36).and_then(PackageId::parse) else {
            continue;
        };
        let line = memchr::memrchr(b'\n', &shade[..start]).map_or(0, |end| end + 1);
        let before = &shade[line.max(start.saturating_sub(160))..start];
        if before.trim_ascii().starts_with(b"id:") {
            continue;
        }
        let rank = if BEFORE_PACKAGE.is_match(before) {
            0
        } else if BEFORE_NO_PACKAGE.is_match(before) {
            2
        } else {
            1
        };
        if best.is_none_or(|(other, _)| rank < other) {
            best = Some((rank, id));
        }
    }
    best.map(|(rank, id)| (id, rank < 2))
}

static NAME: LazyLock<Lanes<Regex>> = LazyLock::new(|| plain(r"\bpackage ('+[^'\n\\/]+'+)"));

/// The display name of the package, where it stands in quotes behind the word `package` though
/// apart from the GUID.
pub(super) fn name_of<'m>(message: &'m str, shade: &[u8]) -> Option<&'m str> {
    first(&NAME, message, shade)
        .map(|name| name.trim_matches(['\'', '"', '‘', '’', '“', '”', '„', '«', '»']))
        .filter(|name| super::name::is_name(name, true))
}
