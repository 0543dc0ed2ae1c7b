//! A small Package Server: incidents are drawn at random, and what truly happened is kept beside
//! what the server writes about it.

mod incidents;

use super::wording::{KNOWN, Say};
use crate::support::Seeded;
use std::collections::BTreeSet;

/// Milliseconds on the server's own clock, counted like Unix time.
pub type At = i64;

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

#[derive(Debug, Clone)]
pub struct PackageFile {
    /// Relative to the package, with backslashes.
    pub path: String,
    pub size: u64,
    pub hash: String,
}

#[derive(Debug, Clone)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub server: usize,
    /// What the configuration asks for.
    pub version: i64,
    pub source: String,
    pub location: String,
    pub files: Vec<PackageFile>,
    /// What the server has.
    local: Vec<PackageFile>,
    local_version: i64,
    on_disk: BTreeSet<String>,
    state: &'static str,
    /// The end of the last download that is known in the history.
    done: Option<At>,
    /// Given up, and why the next refresh starts a download.
    given_up: Option<&'static str>,
    /// It left the story: deleted, or assigned again late.
    over: bool,
    /// When it is checked every day, after midnight.
    checked: i64,
}

/// A record of a server.
#[derive(Debug, Clone)]
pub struct Entry {
    pub at: At,
    pub server: usize,
    /// Index of the package that it names.
    pub package: Option<usize>,
    pub say: Say,
}

/// A document that somebody collected.
#[derive(Debug, Clone)]
pub enum Paper {
    Snapshot {
        package: usize,
        version: i64,
        source: String,
        files: Vec<PackageFile>,
    },
    Status {
        package: usize,
        state: &'static str,
        since: At,
    },
    /// All folders of the place: (folder, files).
    Listing {
        folder: String,
        files: Vec<PackageFile>,
    },
}

#[derive(Debug, Clone)]
pub struct Captured {
    pub at: At,
    pub server: usize,
    pub paper: Paper,
}

/// A download, and what started it.
#[derive(Debug, Clone)]
pub struct Truth {
    pub package: usize,
    /// Whether it is a re-download.
    pub again: bool,
    /// The verdicts that are right, the true cause first.
    pub causes: Vec<&'static str>,
    /// What is true of it too, and may be all that is left where evidence is withheld.
    pub also: Vec<&'static str>,
    /// What was drawn, for the reader of a failure.
    pub incident: Incident,
    /// A start that is reported in this stretch is this one's.
    pub from: At,
    pub to: At,
}

/// What can befall a package on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incident {
    Nothing,
    NewVersion,
    OldVersionBack,
    Rebuilt,
    SourceMoved,
    Moved,
    Removed,
    SomeRemoved,
    RemovedThenForced,
    VersionThenRemoved,
    RemovedThenVersion,
    CleanedUp,
    AssignedAgainInTime,
    SiblingInTheSameFolder,
    SiblingInTheParentFolder,
    SiblingElsewhere,
    SnapshotDeleted,
    Interrupted,
    Denied,
    Busy,
    Older,
    BusyAtTheCheck,
    Forced,
    IntegrityAsked,
    First,
}

use Incident as I;

const DRAWN: &[Incident] = &[
    I::Nothing,
    I::NewVersion,
    I::OldVersionBack,
    I::Rebuilt,
    I::SourceMoved,
    I::Moved,
    I::Removed,
    I::Removed,
    I::SomeRemoved,
    I::RemovedThenForced,
    I::VersionThenRemoved,
    I::RemovedThenVersion,
    I::CleanedUp,
    I::AssignedAgainInTime,
    I::SiblingInTheSameFolder,
    I::SiblingInTheParentFolder,
    I::SiblingElsewhere,
    I::SnapshotDeleted,
    I::Interrupted,
    I::Denied,
    I::Busy,
    I::Older,
    I::BusyAtTheCheck,
    I::Forced,
    I::IntegrityAsked,
];

/// Which kinds of records a server writes at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    All,
    /// States, but neither starts nor percentages.
    States,
    /// Starts, percentages and ends, but no states.
    Downloads,
}

/// A history: what happened, and all that could be collected about it.
#[derive(Debug, Clone)]
pub struct History {
    pub seed: u64,
    pub servers: Vec<String>,
    pub packages: Vec<Package>,
    pub dialect: usize,
    pub talk: Talk,
    /// The setting "Delete package files if they are unused for".
    pub unused_days: i64,
    pub begin: At,
    pub end: At,
    pub entries: Vec<Entry>,
    pub papers: Vec<Captured>,
    pub truths: Vec<Truth>,
}

/// A history in which these incidents are drawn, all of them if none are named.
pub fn history(seed: u64, dialect: Option<usize>, among: &[Incident]) -> History {
    let mut chance = Chance(Seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
    for _ in 0..4 {
        chance.0.next();
    }
    let servers = if chance.percent(20) { 2 } else { 1 };
    // Some day of 2024 to 2026, clear of the nights when clocks change.
    let begin = 1_704_067_200_000 + (chance.below(1_000) as i64) * DAY;
    let mut story = History {
        seed,
        servers: (1..=servers)
            .map(|number| format!("PS{number:02}"))
            .collect(),
        packages: Vec::new(),
        dialect: dialect.unwrap_or_else(|| chance.below(KNOWN)),
        talk: *chance.pick(&[
            Talk::All,
            Talk::All,
            Talk::All,
            Talk::States,
            Talk::Downloads,
        ]),
        unused_days: *chance.pick(&[1, 1, 2]),
        begin,
        end: begin + DAY * *chance.pick(&[4, 5, 8]),
        entries: Vec::new(),
        papers: Vec::new(),
        truths: Vec::new(),
    };
    for server in 0..servers {
        for _ in 0..*chance.pick(&[1, 1, 2]) {
            let package = new_package(&mut chance, story.packages.len(), server);
            story.packages.push(package);
        }
    }
    // A package may be on both servers.
    if servers == 2 && chance.percent(50) {
        let (id, name) = (story.packages[0].id.clone(), story.packages[0].name.clone());
        let last = story.packages.len() - 1;
        let one = &mut story.packages[last];
        one.location = one.location.replace(&one.id, &id);
        (one.id, one.name) = (id, name);
    }
    let among = if among.is_empty() { DRAWN } else { among };
    for package in 0..story.packages.len() {
        story.first(&mut chance, package);
    }
    for day in 1..(story.end - story.begin) / DAY {
        for package in 0..story.packages.len() {
            story.day(&mut chance, package, day, among);
        }
    }
    for server in 0..servers {
        let mut at = story.begin;
        while at < story.end + HOUR {
            story.say(at, server, None, Say::Chatter);
            at += chance.between(15 * MINUTE, 55 * MINUTE);
        }
    }
    story.entries.sort_by_key(|entry| entry.at);
    story.papers.sort_by_key(|paper| paper.at);
    story
}

fn new_package(chance: &mut Chance, number: usize, server: usize) -> Package {
    let id = chance.guid();
    let name = format!(
        "{} {}",
        chance.pick(&["Kiosk Shell", "Weld", "Büro-Paket", "Crane Planner"]),
        number + 1
    );
    let folder = name.replace(' ', "");
    let all = [
        "setup.exe",
        "data1.cab",
        r"bin\helper.exe",
        "liesmich.txt",
        r"conf\site.ini",
        "a.msi",
    ];
    let count = 1 + chance.below(5);
    let first = chance.below(all.len());
    let files: Vec<PackageFile> = (0..count)
        .map(|place| PackageFile {
            path: all[(first + place) % all.len()].to_owned(),
            size: chance.between(1_000, 9_000_000) as u64,
            hash: chance.hash(),
        })
        .collect();
    let version = chance.between(1_600_000_000, 1_700_000_000);
    let location = match chance.below(3) {
        0 => format!(r"C:\Program Files\Altiris\Altiris Agent\Package Delivery\{{{id}}}\cache"),
        1 => format!(r"D:\PkgShare\{folder}"),
        _ => format!(r"E:\Pakete\Büro\{folder}\files"),
    };
    Package {
        server,
        version,
        source: format!(r"\\ns01\Packages\{folder}"),
        location,
        local: files.clone(),
        local_version: version,
        on_disk: names(&files),
        files,
        state: "Ready",
        done: None,
        given_up: None,
        over: false,
        checked: 3 * HOUR + chance.between(0, 40 * MINUTE),
        id,
        name,
    }
}

fn names(files: &[PackageFile]) -> BTreeSet<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

/// How an attempt fails.
#[derive(Clone)]
struct Failing {
    say: Say,
    given_up: bool,
}

impl History {
    fn say(&mut self, at: At, server: usize, package: Option<usize>, say: Say) {
        // A server that tells only downloads never tells states, and the other way round.
        let silent = match self.talk {
            Talk::All => false,
            Talk::States => matches!(say, Say::Started | Say::Progress(_) | Say::Finished),
            Talk::Downloads => matches!(say, Say::State { .. } | Say::Seen(_)),
        };
        if !silent {
            self.entries.push(Entry {
                at,
                server,
                package,
                say,
            });
        }
    }

    fn tell(&mut self, at: At, package: usize, say: Say) {
        let server = self.packages[package].server;
        self.say(at, server, Some(package), say);
    }

    fn state(&mut self, at: At, package: usize, to: &'static str) {
        let from = std::mem::replace(&mut self.packages[package].state, to);
        if from != to {
            self.tell(at, package, Say::State { from, to });
        }
    }

    /// The package's first day: downloaded in the log, or Ready long before it.
    fn first(&mut self, chance: &mut Chance, package: usize) {
        let at = self.begin + HOUR + chance.between(0, 30 * MINUTE);
        let location = self.packages[package].location.clone();
        self.tell(at - 10 * MINUTE, package, Say::Located(location));
        if chance.percent(75) {
            self.packages[package].state = "Not Ready";
            self.download(chance, package, at, (false, vec![], I::First), None);
        } else {
            self.tell(at, package, Say::Seen("Ready"));
            let files = self.packages[package].local.len();
            self.tell(at + SECOND, package, Say::Verified(files));
        }
        self.capture(package, self.begin + 2 * HOUR + 20 * MINUTE);
    }

    fn capture(&mut self, package: usize, at: At) {
        let one = &self.packages[package];
        let server = one.server;
        let snapshot = Paper::Snapshot {
            package,
            version: one.local_version,
            source: one.source.clone(),
            files: one.local.clone(),
        };
        let status = Paper::Status {
            package,
            state: one.state,
            since: one.done.unwrap_or(self.begin),
        };
        for paper in [snapshot, status] {
            self.papers.push(Captured { at, server, paper });
        }
    }

    fn listing(&mut self, package: usize, at: At) {
        let one = &self.packages[package];
        let files = one
            .local
            .iter()
            .filter(|file| one.on_disk.contains(&file.path))
            .cloned()
            .collect();
        let paper = Paper::Listing {
            folder: one.location.clone(),
            files,
        };
        self.papers.push(Captured {
            at,
            server: one.server,
            paper,
        });
    }

    /// Somebody or something removes files; a listing is made soon after.
    fn remove(&mut self, chance: &mut Chance, package: usize, at: At, all: bool) {
        let mut gone: Vec<String> = self.packages[package].on_disk.iter().cloned().collect();
        if !all {
            let keep = chance.below(gone.len());
            gone.rotate_left(keep);
            gone.truncate(gone.len() - keep);
        }
        for file in gone {
            self.packages[package].on_disk.remove(&file);
        }
        self.listing(package, at + chance.between(MINUTE, 50 * MINUTE));
    }

    /// The check finds files missing, and says so in one of two ways.
    fn missed(&mut self, chance: &mut Chance, package: usize, at: At) {
        let one = &self.packages[package];
        let gone: Vec<&PackageFile> = one
            .local
            .iter()
            .filter(|file| !one.on_disk.contains(&file.path))
            .collect();
        let Some(first) = gone.first() else { return };
        let say = if chance.percent(50) {
            Say::Missing(gone.len(), one.local.len())
        } else {
            Say::FileMissing(format!(r"{}\{}", one.location, first.path))
        };
        self.tell(at, package, say);
    }

    /// A download from its decision to its end, with what the server writes. Returns its end.
    fn download(
        &mut self,
        chance: &mut Chance,
        package: usize,
        decided: At,
        (again, causes, incident): (bool, Vec<&'static str>, Incident),
        failing: Option<Failing>,
    ) -> At {
        let version = self.packages[package].version;
        let mut from = decided;
        let before = failing.is_none() && chance.percent(50);
        if before {
            from = decided - chance.between(100, 1_500);
            self.tell(from, package, Say::SnapshotFetched(version));
        }
        self.state(decided, package, "Download Pending");
        let mut at = decided + chance.between(50, 2_500);
        self.tell(at, package, Say::Started);
        if !before && failing.is_none() {
            at += chance.between(10, 900);
            self.tell(at, package, Say::SnapshotFetched(version));
        }
        at += chance.between(1_000, 3_000);
        self.state(at, package, "Downloading");
        self.tell(at + 5, package, Say::Progress(45));
        if let Some(Failing { say, given_up }) = failing {
            let attempts = 1 + chance.below(4);
            for attempt in 1..=attempts {
                if attempt > 1 {
                    at += [3, 6, 12][attempt - 2] * MINUTE;
                    self.tell(at, package, Say::Resumed(attempt as u32));
                    self.state(at + 10, package, "Downloading");
                }
                at += chance.between(500, 5_000);
                self.tell(at, package, say.clone());
                at += chance.between(1, 20);
                self.state(at, package, "Retrying Download");
            }
            if given_up {
                at += chance.between(10, 2_000);
                self.tell(at, package, Say::GivenUp(attempts as u32));
                self.state(at + 10, package, "Invalid");
                self.packages[package].done = None;
                self.truths.push(Truth {
                    package,
                    again,
                    causes,
                    also: vec![],
                    incident,
                    from,
                    to: at + SECOND,
                });
                return at;
            }
            at += 20 * MINUTE;
            self.tell(at, package, Say::Resumed(attempts as u32 + 1));
            self.state(at + 10, package, "Downloading");
            self.tell(at + 20, package, Say::SnapshotFetched(version));
        }
        at += chance.between(3_000, 400_000);
        let mut ends = [0, 1, 2];
        if chance.percent(30) {
            ends.rotate_left(1 + chance.below(2));
        }
        for end in ends {
            at += chance.between(5, 900);
            match end {
                0 => self.tell(at, package, Say::Finished),
                1 => self.tell(at, package, Say::Progress(100)),
                _ => self.state(at, package, "Ready"),
            }
        }
        let one = &mut self.packages[package];
        let version_before = one.local_version;
        one.done = Some(at);
        one.state = "Ready";
        one.given_up = None;
        one.local = one.files.clone();
        one.local_version = one.version;
        one.on_disk = names(&one.files);
        let also = if self.packages[package].version == version_before {
            vec![]
        } else {
            vec!["version-change"]
        };
        self.truths.push(Truth {
            package,
            again,
            causes,
            also,
            incident,
            from,
            to: at,
        });
        at
    }

    fn new_version(&mut self, chance: &mut Chance, package: usize, by: i64) {
        let one = &mut self.packages[package];
        one.version += by;
        for file in &mut one.files {
            file.size += 1 + chance.below(9) as u64;
            file.hash = chance.hash();
        }
        if chance.percent(40) {
            let path = format!("added{}.cab", one.version % 1_000);
            one.files.push(PackageFile {
                path,
                size: 777,
                hash: chance.hash(),
            });
        }
    }

    fn required(&mut self, at: At, package: usize) {
        let one = &self.packages[package];
        let say = Say::Required {
            required: one.version,
            local: one.local_version,
        };
        self.tell(at, package, say);
    }

    /// One day of one package, up to its daily check.
    fn day(&mut self, chance: &mut Chance, package: usize, day: i64, among: &[Incident]) {
        if self.packages[package].over {
            return;
        }
        let check =
            self.begin + day * DAY + self.packages[package].checked + chance.between(0, MINUTE);
        let server = self.packages[package].server;
        self.say(check - 5 * SECOND, server, None, Say::Refresh);
        // Somewhere in the day before the check, but well after the captures of the day.
        let between = check - DAY + 8 * HOUR + chance.between(0, 13 * HOUR);
        if let Some(cause) = self.packages[package].given_up {
            let incident = I::Interrupted;
            let end = self.download(chance, package, check, (true, vec![cause], incident), None);
            self.capture(package, end + chance.between(HOUR, 2 * HOUR));
            return;
        }
        let mut incident = *chance.pick(among);
        if chance.percent(25) {
            incident = I::Nothing;
        }
        // What takes several days is not begun on the last ones.
        let days_left = (self.end - check) / DAY;
        if incident == I::CleanedUp && days_left < self.unused_days + 1 {
            incident = I::Nothing;
        }
        if incident == I::AssignedAgainInTime && days_left < 1 {
            incident = I::Nothing;
        }
        let end = self.befall(chance, package, incident, check, between);
        self.say(end + 10 * SECOND, server, None, Say::RefreshOver);
        if self.packages[package].state == "Ready" {
            self.capture(package, end + chance.between(HOUR, 3 * HOUR));
        }
    }
}

/// Drawing at random, repeatably.
pub struct Chance(pub Seeded);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0.below(limit)
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.0.below((to - from).max(1) as usize) as i64
    }

    pub fn percent(&mut self, percent: usize) -> bool {
        self.0.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.0.below(all.len())]
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.0.next(), self.0.next());
        let digits = format!("{a:016x}{b:016x}");
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits[part].to_owned());
        parts.join("-")
    }

    /// 32 bytes in base64, as the product's hashes are.
    fn hash(&mut self) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digits: String = (0..43).map(|_| DIGITS[self.0.below(64)] as char).collect();
        digits + "="
    }
}
