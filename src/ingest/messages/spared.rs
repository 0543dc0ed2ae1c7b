//! Words without which an entry need not be compiled.
//!
//! To compile a pattern takes as long as to try it a thousand times, and most entries that are tried
//! match nothing in a log: a needle stands in the message, but what else the pattern asks for does
//! not. Who looks for that first spares the rest. It only spares time: a test derives from each
//! pattern that all it matches holds one of its words.
//!
//! Words are looked for in the shade. A pattern that reads it calmed (`shade::calm`) finds no word more
//! there: what sounds bad is masked by `X`, which none of its words holds.

/// What says that something is lost, as `%lost%` has it.
macro_rules! lost {
    () => {
        "missing|not |can't be|doesn't|don't|no longer |gone|absent|lost|disappeared|vanished|nowhere "
    };
}

/// The entry's name, and lower-case literals divided by `|`, one of which stands in every shade that its
/// pattern matches.
pub(super) const SPARED: &[(&str, &str)] = &[
    (
        "blocks-needed",
        " blocks|changed|damaged|differ|missing|need|outstanding|remain|required|to be |to download|to re",
    ),
    ("files-missing", lost!()),
    (
        "snapshot-missing",
        concat!(
            lost!(),
            "|find|locate|no snapshot|no local|lack|no trace|no sign|s no |ve no |th no "
        ),
    ),
    (
        "status-missing",
        concat!(lost!(), "|find|locate|status.xml|status file"),
    ),
    (
        "file-failed",
        "fail|error|cannot|could not|unable|not| of file| of the file|get ",
    ),
    (
        "verification-failed",
        "altered|bad |bytes|corrupt|damaged|deviat|differ|disagree|doesn't match|another |errors|expected |fail|found |hash|incorrect|instead of|length|mismatch|modified|not |other |rather than|should |size|tampered|unequal|unexpected|unsuccessful|violated|wrong|checksum",
    ),
    (
        "snapshot-failed",
        "cannot|could not|error|fail|not available|not found|timed out|unable",
    ),
    (
        "snapshot-unchanged",
        " the same|changed|date|different|identical|is current|modified|no |same as",
    ),
    (
        "snapshot-changed",
        "available|changed|detected|differ|does not match|exists|found|is newer|is not |is out of date|modified|newer version|no longer |on the server|outdated|published|replaced|seen",
    ),
    (
        "version-stated",
        "available|configured|expected|here|latest|local|new|on disk|published|remote|requested|require|server|target|wanted",
    ),
    (
        "version-beside",
        "available|config|demand|expect|latest|need|new|publish|remote|request|requir|server|target|want|asked for|ask for|asks for|source|smp|ns|local",
    ),
    (
        "version-changed",
        ">|chang|updat|upgrad|rais|increas|bump|went|moved|switched|new |old |previous |former |supersed|replac|succeed|overrid|takes |instead of|lift|step|jump|goes|climb|rises|rose",
    ),
    (
        "package-path-changed",
        "changed|updated|moved|switched|modified|set|new |old |previous |>",
    ),
    (
        "location-changed",
        "changed|updated|mov|switched|relocat|modified|new |old |previous |>",
    ),
    (
        "download-failed",
        "fail|error|abort|cancel|not|can't|couldn't|unable|unsuccess|interrupted|timed out|time-out|timeout|broke|breaks off|incomplete|partially|denied|refused|busy|backing|without success|in vain|lost|stopped|given back|again|once more|anew|another time|next |retr|wait",
    ),
    (
        "marked-deleted",
        "clean|clock|countdown|delet|disposal|erasure|expires|expire |period|erased|wiped|purg|queue|remov|term|list|time",
    ),
    (
        "unassigned",
        "unassign|un-assign|deassign|de-assign|assignment|from|no longer|not |does not|doesn't|do not|disappeared|no polic|none of|withdr|dropp|drops|removed|removes|released|lost|left|leaves|out of|outside|off|without |association|binding",
    ),
    ("state-from-to", "from"),
    ("state-new-old", "before|former|last|old|prev|prior|was"),
    ("state-old-new", "former|last|old|prev|prior"),
    ("state-arrow", " to |>"),
    (
        "state-pair",
        "old|was|were|prev|former|prior|before|last|earlier|l now|so far|to|hitherto|instead of|place of|rather than|after|follow|replac|supersed|succeed|from|no longer|becom|became|turn|chang|then|over|ended|ends|left|past|finished|leav|quit|exit",
    ),
    (
        "verification-passed",
        "ok|accounted for|agree|confirmed|correct|deviation|difference|good|in order|in place|intact|match|missing|no damage|no problem|no changes|nothing |passed|positive|present|proven|succeeded|success|there|valid|verified|found|XXX",
    ),
    (
        "verification-started",
        "beg|checking|in progress|running|start|validating|verifying",
    ),
    (
        "state-set",
        "became|becom|chang|enter|flag|goes|mark|mov|new|now|put|reached|set|switch|transition|turn|updated|went",
    ),
];

/// Whether one of the words stands in a text.
pub(super) fn holds_one(text: &[u8], words: &[&str]) -> bool {
    let stands = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
    words.iter().any(stands)
}
