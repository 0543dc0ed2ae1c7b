//! Truth: over a thousand made-up histories of a Package Server, whose causes are known, each
//! written down in varied formats and then withheld, cut, doubled, re-encoded and re-ordered.

mod damage;
mod paper;
mod product;
mod wording;

use crate::support::{Seeded, options};
use damage::{Damage, WITHHOLDING, damaged};
use paper::{ENCODINGS, Form, Sheet};
use pkgtrail::cli::gather;
use pkgtrail::ingest;
use pkgtrail::model::{Case, Grade, Redownload, Verdict};
use product::{Chance, History, Incident, Truth, history};

/// A history and how it is written, by its number.
fn drawn(seed: u64, dialect: Option<usize>, among: &[Incident]) -> (History, Form) {
    let form = Form::draw(&mut Chance(Seeded(seed * 77 + 5)));
    (history(seed, dialect, among), form)
}

/// Runs the program's library over files.
fn judge(history: &History, form: &Form, sheets: &[Sheet]) -> Case {
    let mut options = options();
    // The zone of a third is unknown where the log does not state it.
    options.zone = if history.seed.is_multiple_of(3) {
        None
    } else {
        ingest::clock::parse_zone("+02:00").ok()
    };
    let members: Vec<(String, &[u8])> = sheets
        .iter()
        .map(|sheet| (sheet.path.clone(), sheet.bytes.as_slice()))
        .collect();
    let ingested = ingest::read_memory(&members, &options);
    let unused = history.unused_days * product::DAY;
    gather::case(ingested, (!form.states_retention()).then_some(unused)).0
}

/// One re-download that the program reports, and its truth.
struct Compared<'a> {
    found: &'a Redownload,
    truth: Option<&'a Truth>,
}

/// Each reported re-download with its truth, and the re-downloads that were missed.
fn compare<'a>(history: &'a History, case: &'a Case) -> (Vec<Compared<'a>>, Vec<&'a Truth>) {
    let mut left: Vec<&Truth> = history.truths.iter().collect();
    let mut all = Vec::new();
    for (package, found) in case.redownloads() {
        let server = package.server.as_deref();
        let at = found.started_at.local().and_utc().timestamp_millis();
        let own = history.packages.iter().position(|one| {
            one.id == package.id.to_string() && Some(history.servers[one.server].as_str()) == server
        });
        let place = left.iter().position(|truth| {
            own == Some(truth.package) && (truth.from - product::SECOND..=truth.to).contains(&at)
        });
        let truth = place.map(|place| left.remove(place));
        all.push(Compared {
            found,
            truth: truth.filter(|truth| truth.again),
        });
    }
    left.retain(|truth| truth.again);
    (all, left)
}

/// The work of so many histories, on both cores, in their order. `PKGTRAIL_SEEDS=5000` begins with
/// another one, to look for faults beyond those that are always looked at.
fn each<T: Send>(count: u64, work: impl Fn(u64) -> Vec<T> + Sync) -> Vec<T> {
    let first = std::env::var("PKGTRAIL_SEEDS").ok();
    let first = first.and_then(|first| first.parse().ok()).unwrap_or(0);
    let seeds = first..first + count;
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let half = |seeds: std::ops::Range<u64>| seeds.flat_map(&work).collect::<Vec<T>>();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| half(middle..seeds.end));
        let mut all = half(seeds.start..middle);
        all.extend(second.join().unwrap());
        all
    })
}

/// What is wrong with a reported cause, if anything is.
fn fault(one: &Compared<'_>) -> Option<String> {
    let truth = one.truth?;
    let verdict = one.found.verdict;
    let firm = one.found.grade >= Grade::Strong;
    if truth.causes.contains(&verdict.name())
        || truth.also.contains(&verdict.name())
        || verdict == Verdict::Undetermined
    {
        return None;
    }
    let changed = ["version-change", "hash-change", "path-change"].contains(&truth.causes[0]);
    let accusation = verdict == Verdict::ExternalRemoval;
    (firm || (accusation && changed)).then(|| {
        format!(
            "{:?} at {} is told as {} ({})",
            truth.incident,
            one.found.started_at.shown(),
            verdict.name(),
            one.found.grade.name()
        )
    })
}

#[test]
fn at_full_evidence_every_redownload_gets_its_cause() {
    let results = each(1_200, |seed| {
        let (story, form) = drawn(seed, None, &[]);
        let case = judge(&story, &form, &paper::write(&story, &form));
        let (compared, missed) = compare(&story, &case);
        let mut results: Vec<(bool, bool, String)> = Vec::new();
        for one in &compared {
            let about = format!(
                "history {seed}, {}: {} ({})",
                one.found.started_at.shown(),
                one.found.verdict.name(),
                one.found.grade.name()
            );
            let Some(truth) = one.truth else {
                results.push((false, false, format!("{about} is no re-download")));
                continue;
            };
            let right = truth.causes.contains(&one.found.verdict.name());
            let firm = one.found.grade >= Grade::Strong;
            results.push((
                right,
                right && firm,
                format!("{about} of {:?}", truth.incident),
            ));
        }
        let missed = missed.iter().map(|truth| {
            (
                false,
                false,
                format!("history {seed}: {:?} was missed", truth.incident),
            )
        });
        results.extend(missed);
        results
    });
    let count =
        |pick: fn(&(bool, bool, String)) -> bool| results.iter().filter(|one| pick(one)).count();
    let (all, right, firm) = (results.len(), count(|one| one.0), count(|one| one.1));
    let other: Vec<&String> = results
        .iter()
        .filter(|one| !one.1)
        .map(|one| &one.2)
        .collect();
    println!("{right} of {all} right, {firm} of them strong or proven; the others: {other:#?}");
    assert!(all > 5_000, "only {all} re-downloads");
    assert!(right * 100 >= all * 99, "{right} of {all}: {other:#?}");
    assert!(firm * 100 >= all * 98, "{firm} of {all}: {other:#?}");
    assert!(
        !other.iter().any(|text| text.contains("is no re-download")),
        "{other:#?}"
    );
}

/// Faults of one history under some damage, each told with what brings it back.
fn faults(
    seed: u64,
    story: &History,
    form: &Form,
    damages: &[Damage],
    sheets: &[Sheet],
) -> Vec<String> {
    let case = judge(story, form, sheets);
    let (compared, _) = compare(story, &case);
    let told = compared.iter().filter_map(fault);
    told.map(|text| {
        format!(
            "history {seed} {damages:?} in dialect {}: {text}",
            story.dialect
        )
    })
    .collect()
}

#[test]
fn withheld_evidence_never_makes_another_cause_firm() {
    let faults = each(1_500, |seed| {
        let (story, form) = drawn(seed, None, &[]);
        let mut chance = Chance(Seeded(seed * 991 + 3));
        let mut all = Vec::new();
        for count in [0, 1, 1, 2, 3] {
            // The first and some of the others are copied from the log viewer.
            let form = if count == 0 || chance.percent(15) {
                form.copied(&mut chance)
            } else {
                form.clone()
            };
            let damages: Vec<Damage> = (0..count).map(|_| *chance.pick(WITHHOLDING)).collect();
            let sheets = damaged(&story, &form, &damages, &mut chance);
            all.extend(faults(seed, &story, &form, &damages, &sheets));
        }
        all
    });
    assert!(faults.is_empty(), "{}: {faults:#?}", faults.len());
}

#[test]
fn wording_that_nobody_ever_heard_makes_no_cause_firm_that_is_wrong() {
    let faults = each(600, |seed| {
        let mut all = Vec::new();
        for dialect in wording::KNOWN..wording::ALL {
            let (story, form) = drawn(seed, Some(dialect), &[]);
            let sheets = paper::write(&story, &form);
            all.extend(faults(seed, &story, &form, &[], &sheets));
        }
        all
    });
    assert!(faults.is_empty(), "{}: {faults:#?}", faults.len());
}

#[test]
fn copies_names_and_encodings_change_no_verdict() {
    let verdicts = |case: &Case| -> Vec<String> {
        let told = case.redownloads().map(|(package, one)| {
            let at = one.started_at.shown();
            format!(
                "{} {:?} {at} {:?} {:?}",
                package.id, package.server, one.verdict, one.grade
            )
        });
        told.collect()
    };
    let wrong = each(150, |seed| {
        let (story, form) = drawn(seed, None, &[]);
        let whole = verdicts(&judge(&story, &form, &paper::write(&story, &form)));
        let mut chance = Chance(Seeded(seed * 13 + 1));
        let mut wrong = Vec::new();
        for damage in [Damage::Doubled, Damage::Renamed] {
            let sheets = damaged(&story, &form, &[damage], &mut chance);
            if verdicts(&judge(&story, &form, &sheets)) != whole {
                wrong.push(format!("history {seed}: {damage:?}"));
            }
        }
        for encoding in ENCODINGS {
            let form = form.in_encoding(encoding);
            if verdicts(&judge(&story, &form, &paper::write(&story, &form))) != whole {
                wrong.push(format!("history {seed}: {encoding:?}"));
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
fn lost_lines_never_make_an_accusation_in_a_healthy_history() {
    let faults = each(400, |seed| {
        // Real changes and quiet days; nobody removes anything.
        let healthy = [
            Incident::Nothing,
            Incident::Nothing,
            Incident::NewVersion,
            Incident::AssignedAgainInTime,
        ];
        let (story, form) = drawn(seed, None, &healthy);
        let mut chance = Chance(Seeded(seed * 31 + 7));
        let mut all = Vec::new();
        for _ in 0..2 {
            let sheets = damage::without_a_tenth(&paper::write(&story, &form), &form, &mut chance);
            let case = judge(&story, &form, &sheets);
            let accusing = case.redownloads().filter(|(_, one)| {
                one.verdict == Verdict::ExternalRemoval && one.grade >= Grade::Strong
            });
            all.extend(
                accusing.map(|(_, one)| format!("history {seed}: {}", one.started_at.shown())),
            );
        }
        all
    });
    assert!(faults.is_empty(), "{}: {faults:#?}", faults.len());
}

/// `PKGTRAIL_HISTORY=12 cargo test --test all one_history` writes history 12 to look at it.
#[test]
fn one_history_is_written_out() {
    let wanted = std::env::var("PKGTRAIL_HISTORY").ok();
    let seed = wanted
        .as_ref()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(0);
    let dialect = std::env::var("PKGTRAIL_DIALECT")
        .ok()
        .and_then(|dialect| dialect.parse().ok());
    let (story, form) = drawn(seed, dialect, &[]);
    let temporary = tempfile::tempdir().unwrap();
    let folder = match wanted {
        Some(_) => std::env::temp_dir().join(format!("history-{seed}")),
        None => temporary.path().to_owned(),
    };
    for sheet in paper::write(&story, &form) {
        let path = folder.join(sheet.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, sheet.bytes).unwrap();
    }
    println!(
        "{}: {} days unused, {form:?}",
        folder.display(),
        story.unused_days
    );
    for truth in &story.truths {
        println!("{truth:?}");
    }
    assert!(folder.join("bundle").is_dir());
}
