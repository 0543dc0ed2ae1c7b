//! Time zones: from `--timezone`, a registry export, event 6013 or a record that states its offset.

use super::{DAY, MINUTE, naive};
use crate::model::ZoneBasis;
use chrono::{MappedLocalTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

/// A zone that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneChoice {
    /// A zone with rules, and its name as it was given.
    Named(Tz, String),
    /// Minutes east of UTC, the year round.
    Fixed(i16),
}

/// The zone as a Windows event (6013) states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedZone {
    /// When the event was written, in milliseconds of UTC.
    pub utc_ms: i64,
    /// Minutes to add to local time to get UTC, as Windows counts (Berlin in winter: -60).
    pub bias: Option<i32>,
    /// The zone's name. A Windows in another language logs a name that says nothing to us.
    pub name: Option<String>,
}

/// Everything that the evidence and the user say about the server's zone.
#[derive(Debug, Clone, Default)]
pub struct ZoneHints {
    /// Offsets that evidence states: (milliseconds of UTC, minutes east). Log stamps with an
    /// offset need not be repeated here. A 0 is not believed: `Z` says UTC, not where the server is.
    pub stated: Vec<(i64, i16)>,
    /// `TimeZoneKeyName` (or `StandardName`) of a registry export.
    pub registry: Option<String>,
    /// `Bias` or `ActiveTimeBias` of a registry export; used if the name is missing or unknown.
    pub registry_bias: Option<i32>,
    /// Event 6013.
    pub event_log: Vec<LoggedZone>,
    /// `--timezone`.
    pub option: Option<ZoneChoice>,
}

/// Reads the value of `--timezone`: an IANA name, a Windows name or ±hh:mm.
///
/// # Errors
/// The message names the value and all that would be right.
///
/// ```
/// use pkgtrail::ingest::clock::{ZoneChoice, parse_zone};
/// assert_eq!(parse_zone("-03:30"), Ok(ZoneChoice::Fixed(-210)));
/// assert_eq!(parse_zone("+01:00"), Ok(ZoneChoice::Fixed(60)));
/// assert!(matches!(parse_zone("W. Europe Standard Time"), Ok(ZoneChoice::Named(..))));
/// assert!(parse_zone("CETT").unwrap_err().starts_with("--timezone `CETT` is unknown; use"));
/// ```
pub fn parse_zone(text: &str) -> Result<ZoneChoice, String> {
    named(text)
        .or_else(|| fixed(text.trim()).map(ZoneChoice::Fixed))
        .ok_or_else(|| {
            format!(
                "--timezone `{text}` is unknown; use an IANA name (Europe/Berlin), a Windows name \
                 (W. Europe Standard Time) or an offset (+01:00)"
            )
        })
}

/// A zone by its IANA or Windows name. The registry pads names with NULs.
fn named(text: &str) -> Option<ZoneChoice> {
    let name = text.split('\0').next()?.trim();
    let windows = || {
        let zone = name.parse::<WindowsTimezone>().ok()?;
        zone.tzdb_id().parse::<Tz>().ok()
    };
    let zone = name.parse::<Tz>().ok().or_else(windows).or_else(|| {
        let same = |zone: &&Tz| zone.name().eq_ignore_ascii_case(name);
        TZ_VARIANTS.iter().find(same).copied()
    })?;
    Some(ZoneChoice::Named(zone, name.to_owned()))
}

/// `+01:00`, `-0330`, `+1`.
fn fixed(text: &str) -> Option<i16> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some(parts), _) => parts,
        (None, 4) => rest.split_at_checked(2)?,
        (None, _) => (rest, "00"),
    };
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i16>().ok()).flatten()
    };
    let total = number(hours, 1..=2)? * 60 + number(minutes, 2..=2).filter(|one| *one < 60)?;
    (total <= 14 * 60).then_some(sign * total)
}

/// What is known about the offset at any time.
#[derive(Debug, Clone, Default)]
pub(super) enum Rule {
    #[default]
    Unknown,
    Fixed(i16),
    Named(Tz),
    /// Offsets at single moments, sorted: (milliseconds of UTC, minutes east). Never empty.
    Stated(Vec<(i64, i16)>),
}

impl Rule {
    /// The offsets that a local time may have had: one; two in the autumn fold (earlier first);
    /// none in the spring gap or with the zone unknown.
    pub(super) fn offsets(&self, local: i64) -> Vec<i16> {
        match self {
            Rule::Unknown => Vec::new(),
            Rule::Fixed(minutes) => vec![*minutes],
            Rule::Stated(points) => {
                let apart = |(utc, minutes): &(i64, i16)| {
                    utc.saturating_add(east(*minutes)).abs_diff(local)
                };
                let nearest = points.iter().min_by_key(|point| apart(point));
                nearest.map(|(_, minutes)| *minutes).into_iter().collect()
            }
            Rule::Named(zone) => match zone.offset_from_local_datetime(&naive(local)) {
                MappedLocalTime::Single(one) => vec![minutes_of(&one)],
                MappedLocalTime::Ambiguous(first, second) => {
                    vec![minutes_of(&first), minutes_of(&second)]
                }
                MappedLocalTime::None => Vec::new(),
            },
        }
    }

    /// The offset before and the one after a local time: they differ around a change only.
    /// For a time in the gap, where [`Rule::offsets`] has no answer.
    pub(super) fn around(&self, local: i64) -> Option<(i16, i16)> {
        let before = self.offsets(local.saturating_sub(DAY / 8));
        let after = self.offsets(local.saturating_add(DAY / 8));
        Some((*before.first()?, *after.last()?))
    }

    /// The offset at a moment of UTC.
    pub(super) fn offset_at(&self, utc: i64) -> Option<i16> {
        match self {
            Rule::Unknown => None,
            Rule::Fixed(minutes) => Some(*minutes),
            Rule::Named(zone) => Some(minutes_of(&zone.offset_from_utc_datetime(&naive(utc)))),
            Rule::Stated(points) => points
                .iter()
                .min_by_key(|(at, _)| at.abs_diff(utc))
                .map(|(_, minutes)| *minutes),
        }
    }
}

/// Minutes east in milliseconds.
pub(super) fn east(minutes: i16) -> i64 {
    i64::from(minutes) * MINUTE
}

fn minutes_of(offset: &impl Offset) -> i16 {
    // Offsets of the 19th century have seconds; no Package Server ran then.
    i16::try_from(offset.fix().local_minus_utc() / 60).unwrap_or(0)
}

/// The rule that the hints add up to.
pub(super) struct Chosen {
    pub(super) rule: Rule,
    pub(super) basis: ZoneBasis,
    pub(super) name: Option<String>,
    /// Statements that contradict each other, in words: (what, cost).
    pub(super) conflicts: Vec<(String, String)>,
}

/// Weighs what is known about the zone. Stated offsets win, then event 6013, then the registry,
/// then the option. A named zone of lower rank that agrees with every stated offset is what
/// extends these to the rest of the year.
///
/// `logs` are the offsets of log stamps; `all_utc` says that no log has times without offset, so
/// that even an offset of 0 serves.
pub(super) fn choose(hints: &ZoneHints, logs: &[(i64, i16)], all_utc: bool) -> Chosen {
    let mut stated: Vec<(i64, i16)> = hints.stated.iter().chain(logs).copied().collect();
    stated.retain(|(_, minutes)| minutes.unsigned_abs() <= 14 * 60);
    let mut named = candidates(hints);
    let agrees = |one: &Chosen, stated: &[(i64, i16)]| {
        let holds = |at: &(i64, i16)| one.rule.offset_at(at.0) == Some(at.1);
        stated.iter().all(holds)
    };
    // A `Z` says that the writer counts in UTC, not that the server's clock does. Beside other
    // offsets it is believed only where a named zone has both (London).
    if stated.iter().all(|(_, minutes)| *minutes == 0) {
        if !all_utc || !named.is_empty() {
            stated.clear();
        }
    } else if !named.iter().any(|one| agrees(one, &stated)) {
        stated.retain(|(_, minutes)| *minutes != 0);
    }
    stated.sort_unstable();
    stated.dedup();

    let mut conflicts = Vec::new();
    if !stated.is_empty() {
        for one in &named {
            let differs = |at: &&(i64, i16)| one.rule.offset_at(at.0) != Some(at.1);
            let wrong = stated.iter().find(differs);
            if let (Some((_, minutes)), Some(place)) = (wrong, place(one.basis)) {
                conflicts.push((
                    format!(
                        "{place} gives the zone {}, but records state {}",
                        one.words(),
                        words(*minutes)
                    ),
                    "the offset of the records is used".to_owned(),
                ));
            }
        }
        let best = named
            .iter()
            .position(|one| matches!(one.rule, Rule::Named(_)) && agrees(one, &stated));
        let (rule, name) = match best.map(|at| named.swap_remove(at)) {
            // What only an option calls it, the evidence does not.
            Some(one) => {
                let told = one.basis != ZoneBasis::Option;
                (one.rule, one.name.filter(|_| told))
            }
            None => (Rule::Stated(stated), None),
        };
        return Chosen {
            rule,
            basis: ZoneBasis::Stated,
            name,
            conflicts,
        };
    }

    let Some(first) = named.first() else {
        return Chosen {
            rule: Rule::Unknown,
            basis: ZoneBasis::Unknown,
            name: None,
            conflicts,
        };
    };
    // Whether two zones agree is asked where the evidence lies, or in both halves of one year.
    let moments: Vec<i64> = match hints.event_log.iter().map(|one| one.utc_ms).max() {
        Some(newest) => vec![newest],
        None => vec![1_767_225_600_000, 1_782_864_000_000],
    };
    for one in &named[1..] {
        let differs = moments
            .iter()
            .any(|at| one.rule.offset_at(*at) != first.rule.offset_at(*at));
        if let (true, Some(place), Some(winner)) = (differs, place(one.basis), place(first.basis)) {
            conflicts.push((
                format!(
                    "{place} gives the zone {}, but {winner} gives {}",
                    one.words(),
                    first.words()
                ),
                format!("the zone of {winner} is used"),
            ));
        }
    }
    Chosen {
        conflicts,
        ..named.swap_remove(0)
    }
}

/// The zones that are given outright, best first.
fn candidates(hints: &ZoneHints) -> Vec<Chosen> {
    let mut logged: Vec<&LoggedZone> = hints.event_log.iter().collect();
    logged.sort_by_key(|one| one.utc_ms);
    let by_name = |name: &Option<String>| name.as_deref().and_then(named);
    let by_bias = |bias: Option<i32>| {
        let minutes = i16::try_from(bias?.checked_neg()?).ok()?;
        (minutes.abs() <= 14 * 60).then_some(ZoneChoice::Fixed(minutes))
    };
    // The newest event that helps; a name tells more than a bias.
    let event = logged
        .iter()
        .rev()
        .find_map(|one| by_name(&one.name))
        .or_else(|| logged.iter().rev().find_map(|one| by_bias(one.bias)));
    let registry = by_name(&hints.registry).or_else(|| by_bias(hints.registry_bias));
    let ranked = [
        (event, ZoneBasis::EventLog),
        (registry, ZoneBasis::Registry),
        (hints.option.clone(), ZoneBasis::Option),
    ];
    let build = |(choice, basis): (Option<ZoneChoice>, ZoneBasis)| {
        let (rule, name) = match choice? {
            ZoneChoice::Named(zone, name) => (Rule::Named(zone), Some(name)),
            ZoneChoice::Fixed(minutes) => (Rule::Fixed(minutes), None),
        };
        Some(Chosen {
            rule,
            basis,
            name,
            conflicts: Vec::new(),
        })
    };
    ranked.into_iter().filter_map(build).collect()
}

impl Chosen {
    fn words(&self) -> String {
        match (&self.name, &self.rule) {
            (Some(name), _) => name.clone(),
            (None, Rule::Fixed(minutes)) => words(*minutes),
            _ => "of no name".to_owned(),
        }
    }
}

/// How a source of zones is called in a sentence.
fn place(basis: ZoneBasis) -> Option<&'static str> {
    match basis {
        ZoneBasis::Option => Some("--timezone"),
        ZoneBasis::Registry => Some("the registry export"),
        ZoneBasis::EventLog => Some("Windows event 6013"),
        ZoneBasis::Stated | ZoneBasis::Unknown => None,
    }
}

/// `+01:00`.
fn words(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let all = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", all / 60, all % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_in_three_spellings() {
        for good in ["Europe/Berlin", "europe/berlin", "W. Europe Standard Time"] {
            let Ok(ZoneChoice::Named(zone, name)) = parse_zone(good) else {
                panic!("{good}");
            };
            assert_eq!((zone, name.as_str()), (Tz::Europe__Berlin, good));
        }
        assert_eq!(parse_zone("+5:45"), Ok(ZoneChoice::Fixed(345)));
        assert_eq!(parse_zone("-0330"), Ok(ZoneChoice::Fixed(-210)));
        for bad in [
            "", "CETT", "+15:00", "+01:60", "+-1:00", "01:00", "+é1", "+123",
        ] {
            assert!(parse_zone(bad).is_err(), "{bad}");
        }
        assert_eq!(
            parse_zone("CETT").unwrap_err(),
            "--timezone `CETT` is unknown; use an IANA name (Europe/Berlin), a Windows name \
             (W. Europe Standard Time) or an offset (+01:00)"
        );
    }

    #[test]
    fn evidence_wins_over_the_option_and_a_conflict_is_told() {
        let hints = ZoneHints {
            registry: Some("W. Europe Standard Time\0\0".to_owned()),
            option: Some(ZoneChoice::Fixed(0)),
            ..ZoneHints::default()
        };
        let chosen = choose(&hints, &[], false);
        assert_eq!(chosen.basis, ZoneBasis::Registry);
        assert_eq!(chosen.conflicts.len(), 1);
        assert!(
            chosen.conflicts[0]
                .0
                .contains("--timezone gives the zone +00:00")
        );

        let winter = (1_767_225_600_000, 60);
        let chosen = choose(&hints, &[winter], false);
        assert_eq!(chosen.basis, ZoneBasis::Stated);
        assert!(matches!(chosen.rule, Rule::Named(Tz::Europe__Berlin)));
        let chosen = choose(&hints, &[(winter.0, 120)], false);
        assert!(matches!(chosen.rule, Rule::Stated(_)));
    }

    #[test]
    fn utc_in_a_record_does_not_say_where_the_server_is() {
        let none = ZoneHints::default();
        assert_eq!(choose(&none, &[(0, 0)], false).basis, ZoneBasis::Unknown);
        assert_eq!(choose(&none, &[(0, 0)], true).basis, ZoneBasis::Stated);
    }

    #[test]
    fn an_event_tells_the_zone_by_name_else_by_bias() {
        let logged = |bias, name: &str| ZoneHints {
            event_log: vec![LoggedZone {
                utc_ms: 0,
                bias,
                name: Some(name.to_owned()),
            }],
            ..ZoneHints::default()
        };
        let one = choose(&logged(Some(300), "Eastern Standard Time"), &[], false);
        assert!(matches!(one.rule, Rule::Named(Tz::America__New_York)));
        assert_eq!(one.basis, ZoneBasis::EventLog);
        let one = choose(&logged(Some(-60), "Mitteleuropäische Zeit"), &[], false);
        assert!(matches!(one.rule, Rule::Fixed(60)));
        let one = choose(&logged(Some(i32::MIN), "?"), &[], false);
        assert_eq!(one.basis, ZoneBasis::Unknown);
    }
}
