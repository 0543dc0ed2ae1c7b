//! `pkgtrail report`: the main job.

use super::arguments::{Form, Report};
use super::output::Made;
use super::{End, colour, gather, output, pictures, redacted, similar};
use crate::ingest::stamps;
use crate::model::{Case, Moment, PackageId, Problem};
use crate::render;
use crate::render::scene::Scene;
use crate::timeline::{Format, Timeline};
use anyhow::{Result, anyhow, bail};
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

/// The forms on request, and their files.
const FORMS: &[(Form, &str)] = &[
    (Form::Xlsx, "report.xlsx"),
    (Form::Jsonl, "timesketch.jsonl"),
    (Form::Trace, "trace.json"),
];

pub fn run(options: &Report) -> Result<End> {
    let narrow = Narrow::of(options)?;
    let unused_for = options.unused_for.as_deref().map(duration_ms).transpose()?;
    let inputs = &options.evidence.evidence;
    let named: Option<PathBuf> = match &options.output {
        Some(folder) => Some(folder.clone()),
        // Its name is only known when the identities are.
        None if options.evidence.reading.redact => None,
        None => Some(output::default_folder(&inputs[0])?),
    };
    // Before the long work: a folder that cannot be used is told at once.
    if let Some(folder) = named.as_deref().filter(|folder| folder.exists()) {
        output::prepare(folder)?;
    }
    redacted::check(&options.evidence.reading, named.as_deref())?;
    let ingested = gather::ingest(inputs, &options.evidence.reading, gather::Shows::Report)?;
    gather::usable(&ingested, inputs)?;
    let (mut case, timeline) = gather::case(ingested, unused_for);
    narrow.apply(&mut case)?;
    gather::tell(&case.problems, &options.evidence.reading);

    let folder = match named {
        Some(folder) => folder,
        None => redacted::default_folder(&inputs[0])?,
    };
    redacted::check(&options.evidence.reading, Some(&folder))?;
    output::prepare(&folder)?;
    redacted::write_map(&options.evidence.reading, &folder)?;
    let shown = Shown::of(&case);
    let made = outputs(&case, &shown, &timeline, options)?;
    let threads = gather::threads(&options.evidence.reading);
    let mut removed = Vec::new();
    let finished = output::Batch::new(&folder)?
        .add_all(made, threads)?
        .finish_report(&mut removed);
    if !removed.is_empty() && !options.evidence.reading.quiet {
        let text = format!(
            "removed {} of an earlier run; this run does not write it, and a folder never mixes two",
            removed.join(", ")
        );
        colour::tell(colour::NOTE, "note", &output::clean(&text));
    }
    finished?;

    // The report is there; a reader who went away changes nothing about that.
    let toned = render::terminal::toned(
        shown.clean(),
        Some(&redacted::line(&folder.to_string_lossy())),
        width(),
    );
    let painted = colour::painted(&toned);
    if let Err(error) = write!(anstream::stdout().lock(), "{painted}") {
        let text = format!("the summary cannot be printed: {error}");
        colour::tell(colour::NOTE, "note", &text);
    }
    if options.open
        && let Some(note) = open(&folder.join("report.html"), |page| opener::open(page))
    {
        colour::tell(colour::NOTE, "note", &output::clean(&note));
    }
    let end = match gather::lossy(&case.problems) {
        true => End::Lossy,
        false => End::Whole,
    };
    // The program ends here, and to give a million texts back one by one takes a tenth of a second.
    std::mem::forget(shown);
    std::mem::forget((case, timeline));
    Ok(end)
}

/// The case as most outputs show it, made when the first of them asks: others can begin before.
struct Shown<'c> {
    case: &'c Case,
    clean: OnceLock<Cow<'c, Case>>,
    scene: OnceLock<Scene>,
}

impl<'c> Shown<'c> {
    fn of(case: &'c Case) -> Shown<'c> {
        Shown {
            case,
            clean: OnceLock::new(),
            scene: OnceLock::new(),
        }
    }

    /// With clean texts.
    fn clean(&self) -> &Case {
        self.clean
            .get_or_init(|| render::text::clean_case(self.case))
    }

    fn scene(&self) -> &Scene {
        self.scene
            .get_or_init(|| render::scene::lay_out(self.clean()))
    }
}

/// The files of the report, in the order in which they get their names: `verdicts.json` last.
///
/// What takes the case itself has its own escapes.
fn outputs<'o>(
    case: &'o Case,
    shown: &'o Shown<'_>,
    timeline: &'o Timeline,
    options: &'o Report,
) -> Result<Vec<Made<'o>>> {
    let events = timeline.events();
    let cite = |source, out: &mut String| case.cite_to(source, out);
    let mut made: Vec<Made<'_>> = Vec::new();
    for (form, name) in FORMS {
        if options.format.contains(form) {
            made.push(Made::new(name, move |out| {
                let written = match form {
                    Form::Xlsx => render::xlsx::write(shown.clean(), events, out),
                    Form::Jsonl => render::timesketch::write(shown.clean(), events, out),
                    Form::Trace => render::trace::write(shown.clean(), out),
                };
                Ok(written?)
            }));
        }
    }
    for (name, bytes) in pictures::draw(|| (shown.clean(), shown.scene()), options)? {
        made.push(Made::new(&name, move |out| Ok(out.write_all(&bytes)?)));
    }
    // The CSV is begun first, and so before the Parquet file, which it makes along.
    let (hand_over, parquet) = sync_channel::<Vec<u8>>(1);
    made.extend([
        Made::new("timeline.parquet", move |out| match parquet.recv() {
            Ok(bytes) => Ok(out.write_all(&bytes)?),
            Err(_) => Ok(timeline.save(&cite, Format::Parquet, out)?),
        }),
        Made::new("timeline.csv", move |out| {
            let parquet = timeline.save_both(&cite, out)?;
            // Nobody takes it where writing has ended with an error.
            let _ = hand_over.send(parquet);
            Ok(())
        })
        .large(),
        Made::new("timeline.png", move |out| {
            let picture = render::png::draw(shown.scene(), options.scale)
                .map_err(|error| anyhow!("cannot draw the timeline: {error}"))?;
            Ok(out.write_all(&picture)?)
        }),
        Made::new("summary.md", move |out| {
            Ok(out.write_all(render::markdown::summary(shown.clean()).as_bytes())?)
        }),
        Made::new("report.html", move |out| {
            Ok(render::html::write(shown.clean(), shown.scene(), out)?)
        })
        .long(),
        Made::new("verdicts.json", move |out| {
            Ok(out.write_all(render::json::verdicts(case).as_bytes())?)
        }),
    ]);
    Ok(made)
}

/// Opens the page in whatever shows such pages here; a failure is told and changes nothing.
///
/// The opener gets the whole path: it would take `https:a-report/report.html` for an address and
/// `-V-report/report.html` for an option.
fn open<E: std::fmt::Display>(
    page: &Path,
    opener: impl FnOnce(&Path) -> Result<(), E>,
) -> Option<String> {
    let whole = std::path::absolute(page).map_err(|error| error.to_string());
    let opened = whole.and_then(|whole| opener(&whole).map_err(|error| error.to_string()));
    let error = opened.err()?;
    let page = page.display();
    Some(format!(
        "`{page}` is written, but cannot be opened: {error}"
    ))
}

/// The terminal's width; tickets and pipes get 80 columns.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    columns.and_then(|text| text.parse().ok()).unwrap_or(80)
}

/// What is reported; what is considered is never narrowed.
struct Narrow {
    packages: Vec<PackageId>,
    since: Option<chrono::NaiveDateTime>,
    until: Option<chrono::NaiveDateTime>,
}

impl Narrow {
    fn of(options: &Report) -> Result<Narrow> {
        let mut packages = Vec::new();
        for text in &options.package {
            let Some(id) = PackageId::parse(text) else {
                bail!(
                    "--package `{text}` is no GUID; use 1ec214b8-e862-44a9-b3a6-27d918d136a2, with or without braces"
                );
            };
            packages.push(id);
        }
        let time = |flag: &str, text: &Option<String>| {
            text.as_deref()
                .map(|text| local_time(flag, text))
                .transpose()
        };
        let narrow = Narrow {
            packages,
            since: time("--since", &options.since)?,
            until: time("--until", &options.until)?,
        };
        if let (Some(since), Some(until)) = (narrow.since, narrow.until)
            && since >= until
        {
            bail!("--since {since} is not before --until {until}; nothing could be reported");
        }
        Ok(narrow)
    }

    fn apply(&self, case: &mut Case) -> Result<()> {
        for wanted in &self.packages {
            if !case.packages.iter().any(|package| package.id == *wanted) {
                bail!(similar::no_such_package(*wanted, case));
            }
        }
        // Without a word, a time without evidence would look healthy.
        if let Some((from, to)) = case.period
            && (self.since.is_some_and(|since| to.local() < since)
                || self.until.is_some_and(|until| from.local() >= until))
        {
            case.problems.push(Problem::note(
                "the options",
                None,
                "no evidence lies in the time of --since and --until",
                "nothing is reported of it",
            ));
        }
        let all = case.packages.len();
        if !self.packages.is_empty() {
            case.packages
                .retain(|package| self.packages.contains(&package.id));
        }
        let inside = |at: &Moment| self.covers(at);
        // A package whose findings all lie outside must not be called healthy.
        case.packages.retain_mut(|package| {
            let findings = package.redownloads.len() + package.missing_while_ready.len();
            package.redownloads.retain(|one| inside(&one.started_at));
            package.missing_while_ready.retain(|one| inside(&one.at));
            findings == 0 || package.redownloads.len() + package.missing_while_ready.len() > 0
        });
        self.keep_findings(case);
        let mut words = Vec::new();
        if let Some(since) = self.since {
            words.push(format!("from {since}"));
        }
        if let Some(until) = self.until {
            words.push(format!("before {until}"));
        }
        let left_out = all - case.packages.len();
        if left_out > 0 {
            words.push(format!("{left_out} of {all} packages left out"));
        }
        case.narrowed = (!words.is_empty()).then(|| words.join(", "));
        Ok(())
    }
}

impl Narrow {
    fn covers(&self, at: &Moment) -> bool {
        self.since.is_none_or(|since| at.local() >= since)
            && self.until.is_none_or(|until| at.local() < until)
    }

    /// What is about several packages is about each of them; what is about the server stays.
    fn keep_findings(&self, case: &mut Case) {
        case.findings.retain(|one| {
            let mut about = one.package.iter().chain(&one.involved).peekable();
            let wanted = self.packages.is_empty()
                || about.peek().is_none()
                || about.any(|id| self.packages.contains(id));
            wanted && one.at.as_ref().is_none_or(|at| self.covers(at))
        });
    }
}

fn local_time(flag: &str, text: &str) -> Result<chrono::NaiveDateTime> {
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0));
    let minutes =
        || chrono::NaiveDateTime::parse_from_str(&text.replace(' ', "T"), "%Y-%m-%dT%H:%M").ok();
    let full = || {
        stamps::parse(text, None)
            .filter(|stamp| stamp.has_year && stamp.offset.is_none())
            .map(|stamp| stamp.local.naive())
    };
    day.or_else(minutes).or_else(full).ok_or_else(|| {
        anyhow!("{flag} `{text}` is no local time; use 2026-11-03, 2026-11-03T02:00 or 2026-11-03T02:00:00")
    })
}

/// Reads `7d`, `12h` or `90m`.
fn duration_ms(text: &str) -> Result<i64> {
    let trimmed = text.trim();
    let (number, unit) =
        trimmed.split_at(trimmed.len() - trimmed.chars().last().map_or(0, char::len_utf8));
    let factor = match unit {
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        _ => 0,
    };
    let amount = number
        .parse::<i64>()
        .ok()
        .filter(|amount| *amount >= 0 && factor > 0);
    amount
        .and_then(|amount| amount.checked_mul(factor))
        .ok_or_else(|| {
            anyhow!(
                "--unused-for `{text}` is no duration; use days, hours or minutes: 7d, 12h, 90m"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Finding;

    #[test]
    fn findings_are_narrowed_to_the_packages_and_the_time() {
        let at = |hour: i64| Moment::exact(hour * 3_600_000, None);
        let finding = |package: Option<u128>, involved: &[u128], hour| Finding {
            kind: "shared-folder",
            package: package.map(PackageId),
            involved: involved.iter().copied().map(PackageId).collect(),
            server: None,
            at: hour,
            text: String::new(),
            advice: String::new(),
            sources: vec![],
            assumed: false,
        };
        let all = [
            finding(Some(1), &[], Some(at(1))),
            finding(Some(2), &[], Some(at(2))),
            finding(None, &[2, 3], Some(at(3))),
            finding(None, &[1, 2], Some(at(4))),
            finding(None, &[], None),
        ];
        let left = |narrow: Narrow| -> Vec<usize> {
            let mut case = Case {
                findings: all.to_vec(),
                ..Case::default()
            };
            narrow.keep_findings(&mut case);
            let place = |one| all.iter().position(|known| known == one).unwrap();
            case.findings.iter().map(place).collect()
        };
        let narrow = |package: Option<u128>, since: Option<i64>| Narrow {
            packages: package.into_iter().map(PackageId).collect(),
            since: since.map(|hour| at(hour).local()),
            until: None,
        };
        assert_eq!(left(narrow(None, None)), [0, 1, 2, 3, 4]);
        assert_eq!(left(narrow(Some(1), None)), [0, 3, 4]);
        assert_eq!(left(narrow(None, Some(2))), [1, 2, 3, 4]);
        assert_eq!(left(narrow(Some(2), Some(4))), [3, 4]);
    }

    #[test]
    fn the_page_is_opened_and_a_failure_is_only_told() {
        let page = Path::new("r/report.html");
        let mut opened = Vec::new();
        let whole = open(page, |page| -> Result<(), &str> {
            opened.push(page.to_owned());
            Ok(())
        });
        let here = std::env::current_dir().unwrap();
        assert_eq!((whole, opened), (None, vec![here.join(page)]));
        for odd in ["https:a-report/report.html", "-V-report/report.html"] {
            let whole = open(Path::new(odd), |page| match page.is_absolute() {
                true => Ok(()),
                false => Err("an address or an option"),
            });
            assert_eq!(whole, None, "{odd}");
        }
        let note = open(page, |_| Err("no program shows it")).unwrap();
        assert!(
            note.contains("r/report.html") && note.contains("no program shows it"),
            "{note}"
        );
    }

    #[test]
    fn durations_and_times_are_read_or_told() {
        assert_eq!(duration_ms("7d").unwrap(), 7 * 86_400_000);
        assert_eq!(duration_ms("90m").unwrap(), 5_400_000);
        for wrong in ["", "7", "d", "-1d", "7w", "ü"] {
            assert!(duration_ms(wrong).is_err(), "{wrong}");
        }
        assert!(local_time("--since", "2026-11-03").is_ok());
        assert!(local_time("--since", "2026-11-03T02:00").is_ok());
        assert!(local_time("--since", "3 November").is_err());
    }
}
