//! Every text of a case and of its events, one after another.
//!
//! Each struct is taken apart with all its fields, so that a new field does not compile until it is
//! told here whether it holds text.

use crate::model::{
    Attempt, ByPlace, Capture, Case, Doubt, Download, Event, EvidenceFile, Fact, Finding, Listing,
    MissingEvidence, MissingWhileReady, Observation, PackageCase, Place, Problem, Raw, Reason,
    Record, Redownload, RuledOut, Said, SideBySide, Snapshot, StartTag, StateSpan, Status,
    TimeZoneUsed,
};
use crate::model::{Compared, ListedFolder, SnapshotFile, Step, Writer};
use std::sync::Arc;

/// What a text is known to be by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Anything.
    Text,
    /// The name of a computer.
    Host,
    /// The name of a user.
    User,
    /// The name of a package.
    Name,
    /// The path of a file or folder of a package.
    File,
    /// The path of a file of evidence.
    Path,
    /// A machine and what of it: `PS01, its folder`, `on PS01: see it`.
    Machine,
}

/// Gets each text, and gives another if it is to be changed.
pub type Change<'a> = dyn FnMut(Field, &str) -> Option<String> + 'a;

/// The records that a case quotes: they are many, and can be changed by several threads.
#[must_use]
pub struct Quoted<'c> {
    pub quotes: Vec<&'c mut String>,
    pub raw: Vec<&'c mut Raw>,
}

/// All texts of a case but the records that it quotes, which are given back.
pub fn case<'c>(case: &'c mut Case, change: &mut Change) -> Quoted<'c> {
    let Case {
        zone:
            TimeZoneUsed {
                name,
                offset: _,
                basis: _,
                several: _,
            },
        packages,
        findings,
        evidence,
        problems,
        quotes,
        raw,
        period: _,
        narrowed,
        clean,
    } = case;
    // Other texts are to be cleaned anew.
    *clean = false;
    maybe(name, change);
    for one in packages {
        package(one, change);
    }
    for one in findings {
        let Finding {
            kind: _,
            package: _,
            involved: _,
            server,
            at: _,
            text,
            advice,
            sources: _,
            assumed: _,
        } = one;
        host(server, change);
        string(text, change);
        string(advice, change);
    }
    files(evidence, change);
    self::problems(problems, change);
    maybe(narrowed, change);
    Quoted {
        quotes: Arc::make_mut(quotes).values_mut().collect(),
        raw: Arc::make_mut(raw).values_mut().collect(),
    }
}

/// The paths of the files.
pub fn files(files: &mut [EvidenceFile], change: &mut Change) {
    for one in files {
        let EvidenceFile {
            path,
            kind: _,
            sha256: _,
            bytes: _,
            records: _,
            from: _,
            to: _,
            gaps: _,
            matched: _,
            unmatched: _,
        } = one;
        other(path, Field::Path, change);
    }
}

/// The texts of problems.
pub fn problems(problems: &mut [Problem], change: &mut Change) {
    for one in problems {
        let Problem {
            place: Place { path, line: _ },
            defect,
            cost,
            lost: _,
        } = one;
        other(path, Field::Path, change);
        string(defect, change);
        string(cost, change);
    }
}

fn package(one: &mut PackageCase, change: &mut Change) {
    let PackageCase {
        id: _,
        name,
        server,
        location,
        state: _,
        missing_while_ready,
        downloads,
        redownloads,
        spans,
        observations,
        size: _,
    } = one;
    if let Some(name) = name {
        other(name, Field::Name, change);
    }
    host(server, change);
    maybe_file(location, change);
    for one in missing_while_ready {
        let MissingWhileReady {
            at: _,
            files_missing: _,
            files_listed: _,
            sources: _,
        } = one;
    }
    for one in downloads {
        let Download {
            started: _,
            source: _,
            completed: _,
            completed_source: _,
            attempts,
            given_up: _,
            blocks_needed: _,
            bytes: _,
        } = one;
        for one in attempts {
            let Attempt {
                started: _,
                ended: _,
                outcome: _,
                source: _,
            } = one;
        }
    }
    for one in spans {
        let StateSpan {
            state: _,
            from: _,
            to: _,
            source: _,
        } = one;
    }
    for one in observations {
        let Observation {
            at: _,
            until: _,
            seen: _,
            records: _,
            source: _,
        } = one;
    }
    for one in redownloads {
        redownload(one, change);
    }
}

fn redownload(one: &mut Redownload, change: &mut Change) {
    let Redownload {
        download: _,
        started_at: _,
        completed_at: _,
        previous_completed_at: _,
        verdict: _,
        grade: _,
        window: _,
        actor,
        summary,
        reasons,
        ruled_out,
        doubts,
        missing_evidence,
        snapshots,
        assumed_wording: _,
    } = one;
    if let Some(actor) = actor {
        other(actor, Field::User, change);
    }
    string(summary, change);
    for Reason { text, sources: _ } in reasons {
        string(text, change);
    }
    for one in ruled_out {
        let RuledOut {
            verdict: _,
            text,
            sources: _,
        } = one;
        string(text, change);
    }
    for Doubt { verdict: _, text } in doubts {
        string(text, change);
    }
    for one in missing_evidence {
        let MissingEvidence {
            wanted: _,
            what,
            place,
            steps,
            when,
        } = one;
        for text in [what, when] {
            string(text, change);
        }
        other(place, Field::Machine, change);
        for Step { what, command } in steps {
            other(what, Field::Machine, change);
            maybe(command, change);
        }
    }
    let Some(SideBySide {
        before: _,
        after: _,
        rows,
        more_files: _,
        same_files: _,
        compared_hashes: _,
    }) = snapshots
    else {
        return;
    };
    for row in rows {
        match &mut row.what {
            Compared::Version | Compared::Path => {}
            Compared::File(path) => other(path, Field::File, change),
        }
        maybe(&mut row.before, change);
        maybe(&mut row.after, change);
    }
}

/// All texts of events.
pub fn events(events: &mut [Event], change: &mut Change) {
    // Neighbours share these texts, and one that was looked at needs no second look.
    let mut servers = Seen::default();
    let (mut writers, mut all_said) = (Looked::new(), Looked::new());
    for event in events {
        let Event {
            at: _,
            server,
            said,
            sources: _,
            record,
        } = event;
        if let Some(server) = server {
            shared(server, Field::Host, &mut servers, change);
        }
        if let Some(record) = record {
            let Record {
                severity: _,
                writer,
                thread: _,
                tick: _,
                tag,
            } = record;
            writers.change(writer, Writer::clone, self::writer, change);
            if let Some(tag) = tag
                && let Some(other) = change(Field::Text, &tag.to_string())
            {
                *tag = StartTag::Other(other.into()).into();
            }
        }
        all_said.change(said, bare, self::said, change);
    }
}

fn writer(writer: &mut Writer, change: &mut Change) {
    let Writer { component, process } = writer;
    boxed(component, Field::Text, change);
    boxed(process, Field::Text, change);
}

fn fact(fact: &mut Fact, change: &mut Change) {
    let (text, file) = (Field::Text, Field::File);
    match fact {
        Fact::Block {
            file: Some(path), ..
        }
        | Fact::FileMissing { path }
        | Fact::FileFailed { path, .. }
        | Fact::FileServed { path }
        | Fact::FileNotFound { path, .. }
        | Fact::RequestRefused { path, .. }
        | Fact::Location { path } => boxed(path, file, change),
        Fact::FileSeen { path, hash } => {
            boxed(path, file, change);
            if let Some(hash) = hash {
                boxed(hash, text, change);
            }
        }
        Fact::LocationChanged { from, to } | Fact::PackagePathChanged { from, to } => {
            if let Some(from) = from {
                boxed(from, file, change);
            }
            boxed(to, file, change);
        }
        Fact::RefreshStarted { reason: Some(why) } => boxed(why, text, change),
        Fact::Operator { action, user } => {
            boxed(action, text, change);
            if let Some(user) = user {
                boxed(user, Field::User, change);
            }
        }
        Fact::StateChanged { to: _, from: _ }
        | Fact::StateSeen { state: _ }
        | Fact::DownloadQueued
        | Fact::DownloadStarted
        | Fact::DownloadResumed { attempt: _ }
        | Fact::Progress { percent: _ }
        | Fact::DownloadFinished { bytes: _ }
        | Fact::DownloadFailed {
            code: _,
            busy: _,
            older: _,
        }
        | Fact::DownloadGivenUp { code: _ }
        | Fact::Block {
            number: _,
            of: _,
            outcome: _,
            file: None,
        }
        | Fact::BlocksNeeded { needed: _, of: _ }
        | Fact::FilesMissing { missing: _, of: _ }
        | Fact::VerificationStarted
        | Fact::VerificationPassed
        | Fact::VerificationFailed
        | Fact::SnapshotReceived { version: _ }
        | Fact::SnapshotChanged { version: _ }
        | Fact::SnapshotUnchanged { version: _ }
        | Fact::MetadataMissing { what: _ }
        | Fact::SnapshotLocked
        | Fact::VersionStated {
            required: _,
            local: _,
        }
        | Fact::VersionChanged { from: _, to: _ }
        | Fact::RefreshStarted { reason: None }
        | Fact::RefreshFinished
        | Fact::Assigned
        | Fact::Unassigned
        | Fact::MarkedDeleted
        | Fact::CleanedUp
        | Fact::NetworkFailed { code: _, http: _ }
        | Fact::AccessDenied { code: _ }
        | Fact::TimesCorrected
        | Fact::ShareRemoved
        | Fact::AgentStarted
        | Fact::AgentStopped
        | Fact::ClientDelivery
        | Fact::SnapshotCaptured { version: _ }
        | Fact::StatusCaptured { state: _ }
        | Fact::ListingTaken {
            missing: _,
            listed: _,
        }
        | Fact::ClockStepped { by_ms: _ }
        | Fact::Other => {}
    }
}

/// All texts of captured snapshots.
pub fn snapshots(captures: &mut [Capture<Snapshot>], change: &mut Change) {
    self::captures(captures, snapshot, change);
}

/// All texts of captured status files.
pub fn statuses(captures: &mut [Capture<Status>], change: &mut Change) {
    self::captures(captures, status, change);
}

/// All texts of listings but the names of files and folders, which their paths show where they count.
pub fn listings(captures: &mut [Capture<Listing>], change: &mut Change) {
    self::captures(captures, listing, change);
}

fn captures<T: Clone>(
    captures: &mut [Capture<T>],
    texts: fn(&mut T, &mut Change),
    change: &mut Change,
) {
    let mut documents = Looked::new();
    for one in captures {
        host(&mut one.server, change);
        documents.change(&mut one.document, T::clone, texts, change);
    }
}

fn snapshot(one: &mut Snapshot, change: &mut Change) {
    let Snapshot {
        package: _,
        name,
        version: _,
        path,
        created: _,
        hash,
        files,
        complete: _,
        version_line: _,
        path_line: _,
        version_text,
        path_text,
    } = one;
    if let Some(name) = name {
        other(name, Field::Name, change);
    }
    maybe_file(path, change);
    maybe(hash, change);
    for text in [version_text, path_text] {
        string(text, change);
    }
    for one in files {
        let SnapshotFile {
            path,
            size: _,
            modified: _,
            hash,
            line: _,
        } = one;
        other(path, Field::File, change);
        maybe(hash, change);
    }
}

fn status(one: &mut Status, change: &mut Change) {
    string(&mut one.word, change);
    string(&mut one.text, change);
}

fn listing(one: &mut Listing, change: &mut Change) {
    for folder in &mut one.folders {
        let ListedFolder {
            path,
            line: _,
            text,
            files: _,
            folders: _,
            links: _,
            targets,
            complete: _,
        } = folder;
        string(path, change);
        string(text, change);
        for target in targets {
            other(target, Field::File, change);
        }
    }
}

/// A record as written.
pub fn raw(record: &mut Raw, change: &mut Change) {
    if let Some(other) = change(Field::Text, &record.written()) {
        *record = Raw::whole(&other);
    }
}

/// One text.
pub fn string(text: &mut String, change: &mut Change) {
    other(text, Field::Text, change);
}

fn other(text: &mut String, field: Field, change: &mut Change) {
    if let Some(other) = change(field, text) {
        *text = other;
    }
}

fn maybe_file(text: &mut Option<String>, change: &mut Change) {
    if let Some(text) = text {
        other(text, Field::File, change);
    }
}

fn maybe(text: &mut Option<String>, change: &mut Change) {
    if let Some(text) = text {
        string(text, change);
    }
}

fn boxed(text: &mut Box<str>, field: Field, change: &mut Change) {
    if let Some(other) = change(field, text) {
        *text = other.into();
    }
}

fn host(server: &mut Option<Arc<str>>, change: &mut Change) {
    if let Some(server) = server
        && let Some(other) = change(Field::Host, server)
    {
        *server = other.into();
    }
}

/// What was looked at, and what it became: equal records share it, and so do captures.
struct Looked<T>(ByPlace<(Arc<T>, Option<Arc<T>>)>);

/// So many are remembered.
const MOST_LOOKED: usize = 1 << 16;

impl<T> Looked<T> {
    fn new() -> Looked<T> {
        Looked(ByPlace::default())
    }

    /// Changes the texts of `one`; `copy` gives another one, with all that anybody reads from now on.
    fn change(
        &mut self,
        one: &mut Arc<T>,
        copy: fn(&T) -> T,
        texts: fn(&mut T, &mut Change),
        change: &mut Change,
    ) {
        // What stands once only is looked at once anyway. To ask by `get_mut` alone would write to what
        // the other threads read.
        if Arc::strong_count(one) == 1
            && let Some(own) = Arc::get_mut(one)
        {
            return texts(own, change);
        }
        if self.0.len() >= MOST_LOOKED {
            self.0.clear();
        }
        let (_, other) = self.0.of(one, || {
            let (mut other, mut is_changed) = (copy(one), false);
            texts(&mut other, &mut |field, text| {
                let changed = change(field, text);
                is_changed |= changed.is_some();
                changed
            });
            (Arc::clone(one), is_changed.then(|| other.into()))
        });
        if let Some(other) = other {
            *one = Arc::clone(other);
        }
    }
}

/// What is left of what is said once [`said`] has changed it.
fn bare(said: &Said) -> Said {
    let Said {
        package,
        name: _,
        fact,
        besides: _,
        message,
        pattern,
        wording,
    } = said;
    Said {
        package: *package,
        name: None,
        fact: fact.clone(),
        besides: None,
        message: Arc::clone(message),
        pattern: pattern.clone(),
        wording: *wording,
    }
}

fn said(said: &mut Said, change: &mut Change) {
    let Said {
        package: _,
        name,
        fact: told,
        besides,
        message,
        pattern,
        wording: _,
    } = said;
    // The names of packages are told by the case, and what is said besides has events of its own:
    // nobody reads them here any more.
    (*name, *besides) = (None, None);
    fact(told, change);
    for text in [Some(message), pattern.as_mut()].into_iter().flatten() {
        if let Some(other) = change(Field::Text, text) {
            *text = other.into();
        }
    }
}

/// A text that was looked at, and what it became.
type Seen = Option<(Arc<str>, Option<Arc<str>>)>;

fn shared(text: &mut Arc<str>, field: Field, seen: &mut Seen, change: &mut Change) {
    let known = seen.as_ref().filter(|(one, _)| Arc::ptr_eq(one, text));
    let other = match known {
        Some((_, other)) => other.clone(),
        None => {
            let other: Option<Arc<str>> = change(field, text).map(Into::into);
            *seen = Some((Arc::clone(text), other.clone()));
            other
        }
    };
    if let Some(other) = other {
        *text = other;
    }
}
