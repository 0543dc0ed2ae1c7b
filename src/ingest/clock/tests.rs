//! Histories of clocks: what a log shows, and where its records must come to lie.

use super::*;
use crate::model::Local;
use chrono::NaiveDate;

/// `11-03 02:40:00` without year, `2026-11-03 02:40:00` with, both also with an offset in minutes.
fn stamp(text: &str) -> Stamp {
    let (text, offset) = match text.split_once(" @") {
        Some((text, offset)) => (text, Some(offset.parse().unwrap())),
        None => (text, None),
    };
    let has_year = text.len() > 14;
    let full = if has_year {
        text.to_owned()
    } else {
        format!("{}-{text}", Stamp::NO_YEAR)
    };
    Stamp {
        local: NaiveDateTime::parse_from_str(&full, "%Y-%m-%d %H:%M:%S")
            .unwrap()
            .into(),
        offset,
        lasts: 1_000,
        has_year,
    }
}

type Line = (Stamp, Option<u64>);

fn log(lines: &[(&str, u64)]) -> Vec<Line> {
    lines
        .iter()
        .map(|(text, tick)| (stamp(text), Some(*tick)))
        .collect()
}

fn plain(lines: &[&str]) -> Vec<Line> {
    lines.iter().map(|text| (stamp(text), None)).collect()
}

fn trace(lines: &[Line]) -> Trace {
    let mut observer = Observer::default();
    let mut careful = Observer::default();
    for (line, (stamp, tick)) in (1..).zip(lines) {
        observer.observe(line, Some(stamp), *tick);
        careful.with_care(line, stamp, *tick);
    }
    // What is quick changes nothing, whatever a test tells.
    let (quick, careful) = (observer.finish(), careful.finish());
    assert_eq!(format!("{quick:?}"), format!("{careful:?}"));
    quick
}

fn zone(name: &str) -> ZoneHints {
    ZoneHints {
        option: (!name.is_empty()).then(|| parse_zone(name).unwrap()),
        ..ZoneHints::default()
    }
}

fn dated(text: &str) -> YearHints {
    YearHints {
        dated: vec![stamp(text).local_ms()],
        ..YearHints::default()
    }
}

/// Settles logs and gives the moments of all records.
fn moments(logs: &[Vec<Line>], years: &YearHints, zones: &ZoneHints) -> (Clock, Vec<Vec<Moment>>) {
    let traces: Vec<Trace> = logs.iter().map(|log| trace(log)).collect();
    let clock = settle(&traces, years, zones);
    let all = logs
        .iter()
        .enumerate()
        .map(|(file, log)| {
            let mut near = 0;
            (1..)
                .zip(log)
                .map(|(line, (stamp, tick))| {
                    let moment = clock.moment(file, line, stamp, *tick);
                    // What was known of another record changes nothing.
                    for other in [&mut near, &mut { usize::MAX }, &mut (line as usize * 7 % 5)] {
                        let again = clock.moment_near(file, line, stamp, *tick, other);
                        assert_eq!(again, moment);
                    }
                    moment
                })
                .collect()
        })
        .collect();
    (clock, all)
}

fn one(log: Vec<Line>, years: &YearHints, zones: &ZoneHints) -> (Clock, Vec<Moment>) {
    let (clock, mut all) = moments(&[log], years, zones);
    (clock, all.remove(0))
}

/// A log of one boot: `wall` is the clock at tick 0, one record per `every` ms of ticks.
fn ticking(wall: &str, from: u64, every: u64, count: u64) -> Vec<Line> {
    let zero = stamp(wall);
    (0..count)
        .map(|number| {
            let tick = from + number * every;
            let ms = zero.local_ms() + i64::try_from(tick).unwrap();
            let local = Local::new(ms.div_euclid(1_000) * 1_000, 0);
            (Stamp { local, ..zero }, Some(tick))
        })
        .collect()
}

fn in_order(moments: &[Moment]) -> bool {
    moments
        .windows(2)
        .all(|pair| pair[0].start <= pair[1].start)
}

#[test]
fn ticks_order_the_records_of_one_second() {
    let mut log = ticking("2026-11-03 02:00:00", 5_000, 730, 400);
    log.insert(200, (log[199].0, log[199].1.map(|tick| tick + 200)));
    let (clock, at) = one(log, &YearHints::default(), &zone("Europe/Berlin"));
    assert!(clock.steps().is_empty() && in_order(&at));
    assert!(at[199].before(&at[200]), "{:?} {:?}", at[199], at[200]);
    for moment in &at {
        assert!(moment.end - moment.start < 100 && !moment.fraction);
        assert_eq!(
            moment.start.div_euclid(1_000),
            (moment.end - 1).div_euclid(1_000)
        );
    }
}

/// Records that follow each other soon, and among them jumps of the clock, of the count and of both,
/// counts near the bounds of 32 bits, other forms of a time and other offsets.
#[test]
fn what_follows_soon_is_understood_as_with_care() {
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    for history in 0..400 {
        let mut wall = stamp("2026-03-02 00:00:00").local_ms();
        let mut tick = [300, (1 << 32) - 40_000, 3 << 32, 1 << 40][history % 4];
        let (mut offset, mut lasts) = (
            [None, Some(60), Some(0)][history % 3],
            1 + random(2) as u32 * 999,
        );
        let lines = (0..300).map(|_| {
            let later = random(3_000);
            wall += later as i64;
            tick += later;
            match random(60) {
                0 => wall += random(9_000_000) as i64 - 4_500_000,
                1 => tick += random(9_000_000),
                2 => tick = tick.saturating_sub(random(90_000)),
                3 => tick = random(50_000),
                4 => (wall, tick) = (wall + 5_000_000, tick + 5_000_000),
                5 => offset = [None, Some(60), Some(120)][random(3) as usize],
                6 => lasts = [0, 1, 1_000, 60_000, u32::MAX][random(5) as usize],
                7 => tick &= u64::from(u32::MAX),
                8 => wall += 40,
                _ => {}
            }
            // Ticks come in steps, and a record reads the two clocks one after the other.
            let jitter = [0, 16, 40][history % 3];
            let stamp = Stamp {
                local: naive(wall + random(jitter + 1) as i64).into(),
                offset,
                lasts,
                has_year: random(40) > 0,
            };
            (stamp, (random(30) > 0).then_some(tick))
        });
        let lines: Vec<Line> = lines.collect();
        let trace = trace(&lines);
        assert_eq!(trace.records, 300, "{history}");
    }
}

#[test]
fn a_reboot_is_no_step() {
    let log = log(&[
        ("2026-11-03 02:00:00", 900_000),
        ("2026-11-03 02:00:05", 905_000),
        ("2026-11-03 02:10:00", 60_000),
        ("2026-11-03 02:10:07", 67_000),
    ]);
    let trace = trace(&log);
    assert_eq!(trace.lanes[Frame::Local as usize].len(), 2);
    let (clock, at) = one(log, &YearHints::default(), &zone(""));
    assert!(clock.steps().is_empty());
    assert_eq!(at[3].shown(), "2026-11-03T02:10:07");
    assert_eq!(clock.zone_used(at.last()), TimeZoneUsed::default());
}

#[test]
fn a_count_of_32_bits_wraps_without_a_break() {
    let end = u64::from(u32::MAX);
    let log = log(&[
        ("2026-11-03 02:00:00", end - 3_000),
        ("2026-11-03 02:00:02", end - 1_000),
        ("2026-11-03 02:00:05", 2_000),
        ("2026-12-22 19:02:52", 2_000),
    ]);
    assert_eq!(trace(&log).lanes[Frame::Local as usize].len(), 1);
    let (clock, at) = one(log, &YearHints::default(), &zone(""));
    assert!(clock.steps().is_empty() && in_order(&at));
}

#[test]
fn new_year_inside_a_log_without_years() {
    let log = log(&[
        ("12-31 23:59:58", 900_000),
        ("12-31 23:59:59", 901_000),
        ("01-01 00:00:00", 902_000),
        ("12-31 23:59:59", 901_500),
        ("01-01 00:00:03", 905_000),
    ]);
    let (clock, at) = one(log, &dated("2027-01-04 00:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2026-12-31T23:59:58");
    assert_eq!(at[2].shown(), "2027-01-01T00:00:00");
    assert_eq!(at[3].shown(), "2026-12-31T23:59:59");
    assert_eq!(at[4].shown(), "2027-01-01T00:00:03");
    assert!(clock.steps().is_empty());
    assert_eq!(clock.notes().len(), 1);
    assert!(
        clock.notes()[0]
            .1
            .cost
            .starts_with("2026 to 2027 is taken from full dates")
    );
    let plain = plain(&["12-31 23:59:58", "01-01 00:00:00", "01-02 00:00:00"]);
    let (_, at) = one(plain, &dated("2027-01-04 00:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2026-12-31T23:59:58");
    assert_eq!(at[2].shown(), "2027-01-02T00:00:00");
}

#[test]
fn march_begins_a_second_after_february_if_there_is_no_29th() {
    let log = |year: &str| {
        let mut log = ticking(&format!("{year}-02-28 23:00:00"), 3_595_000, 1_000, 10);
        for line in &mut log {
            line.0.local = observe::in_year(line.0.local.naive(), Stamp::NO_YEAR).into();
            line.0.has_year = false;
        }
        log
    };
    let (clock, at) = one(log("2027"), &dated("2027-03-04 00:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2027-02-28T23:59:55");
    assert_eq!(at[9].shown(), "2027-03-01T00:00:04");
    assert!(clock.steps().is_empty() && at.iter().all(|at| at.shift == 0));
    let (clock, at) = one(log("2028"), &dated("2029-01-01 00:00:00"), &zone(""));
    assert_eq!(at[9].shown(), "2028-02-29T00:00:04");
    assert!(clock.steps().is_empty());
}

#[test]
fn feb_29_is_a_day_of_leap_years_only() {
    let log = plain(&["02-28 10:00:00", "02-29 10:00:00", "03-01 10:00:00"]);
    let (_, at) = one(log, &dated("2026-11-03 00:00:00"), &zone(""));
    assert_eq!(at[1].shown(), "2024-02-29T10:00:00");
}

#[test]
fn the_end_of_summer_time_is_continuous_with_ticks() {
    // 2026-10-25 03:00 +02:00 is 02:00 +01:00.
    let mut log = ticking("2026-10-25 00:00:00", 3_600_000, 60_000, 120);
    log.extend(ticking(
        "2026-10-24 23:00:00",
        3_600_000 + 7_200_000,
        60_000,
        120,
    ));
    let (clock, at) = one(log, &YearHints::default(), &zone("W. Europe Standard Time"));
    assert_eq!(clock.steps(), []);
    assert!(at.iter().all(|at| at.shift == 0) && in_order(&at));
    assert_eq!(at[90].shown(), "2026-10-25T02:30:00+02:00");
    assert_eq!(at[150].shown(), "2026-10-25T02:30:00+01:00");
    assert_eq!(at[150].start - at[90].start, 3_600_000);
    assert_eq!(clock.zone_used(at.last()).offset, Some(60));
}

#[test]
fn a_boot_that_is_known_resolves_a_log_inside_the_fold() {
    let summer = ticking("2026-10-25 00:00:00", 3_600_000, 60_000, 50);
    let winter = ticking("2026-10-24 23:00:00", 3_600_000 + 7_800_000, 1_000, 50);
    let zones = zone("Europe/Berlin");
    let (clock, at) = moments(&[winter.clone(), summer], &YearHints::default(), &zones);
    assert_eq!(at[0][0].shown(), "2026-10-25T02:10:00+01:00");
    assert!(clock.steps().is_empty());
    let (_, at) = one(winter, &YearHints::default(), &zones);
    assert_eq!(at[0].shown(), "2026-10-25T02:10:00+02:00");
    assert_eq!(at[0].end - at[0].start, 3_601_000, "two-valued");
}

#[test]
fn the_fold_without_ticks_is_told_by_the_step_back_else_two_valued() {
    let lines = [
        "2026-10-25 01:30:00",
        "2026-10-25 02:50:00",
        "2026-10-25 02:10:00",
        "2026-10-25 02:11:00",
        "2026-10-25 04:00:00",
    ];
    let (clock, at) = one(plain(&lines), &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(clock.steps(), []);
    assert_eq!(at[1].shown(), "2026-10-25T02:50:00+02:00");
    assert_eq!(at[2].shown(), "2026-10-25T02:10:00+01:00");
    assert!(at[1].before(&at[2]));
    let lines = [
        "2026-10-25 01:30:00",
        "2026-10-25 02:30:00",
        "2026-10-25 04:00:00",
    ];
    let (_, at) = one(plain(&lines), &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(at[1].end - at[1].start, 3_601_000);
    let gap = clock.place(&stamp("2026-03-29 02:30:00"));
    assert_eq!(gap.end - gap.start, 3_601_000);
}

#[test]
fn summer_time_without_zone_is_one_step_and_keeps_the_order() {
    let mut log = ticking("2026-10-25 00:00:00", 3_600_000, 60_000, 120);
    log.extend(ticking(
        "2026-10-24 23:00:00",
        3_600_000 + 7_200_000,
        60_000,
        120,
    ));
    let (clock, at) = one(log, &YearHints::default(), &zone(""));
    assert_eq!(clock.steps().len(), 1);
    assert_eq!(
        (clock.steps()[0].line, clock.steps()[0].by_ms),
        (121, -3_600_000)
    );
    assert!(in_order(&at));
    assert_eq!(at[90].shown(), "2026-10-25T02:30:00");
    assert_eq!(at[150].shown(), "2026-10-25T02:30:00");
    assert_eq!(at[90].shift, -3_600_000);
}

#[test]
fn a_clock_set_back_by_three_hours_keeps_the_order_and_is_told_once() {
    let mut log = ticking("2026-11-03 06:00:00", 3_600_000, 60_000, 60);
    log.extend(ticking("2026-11-03 03:00:00", 7_200_000, 60_000, 60));
    let (clock, at) = one(log.clone(), &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(clock.steps().len(), 1);
    assert_eq!(clock.steps()[0].by_ms, -3 * HOUR);
    assert_eq!(clock.steps()[0].at.shown(), "2026-11-03T05:00:00+01:00");
    assert!(in_order(&at));
    assert_eq!(at[0].shown(), "2026-11-03T07:00:00+01:00");
    assert_eq!(at[0].utc().unwrap(), "2026-11-03T03:00:00Z");
    // A capture between: its local time was read from the wrong clock as well.
    let capture = clock.place(&stamp("2026-11-03 07:30:00"));
    assert!(at[29].start <= capture.start && capture.end <= at[31].end);
    // A boot before, by the same wrong clock, must not end after the next begins.
    let mut longer = ticking("2026-11-03 05:00:00", 1_000_000, 60_000, 40);
    longer.extend(log);
    let (clock, at) = one(longer, &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(clock.steps().len(), 1);
    assert!(in_order(&at));
}

#[test]
fn a_step_back_without_ticks_keeps_the_order() {
    let lines = [
        "2026-11-03 06:00:00",
        "2026-11-03 06:10:00",
        "2026-11-03 03:15:00",
        "2026-11-03 03:20:00",
    ];
    let (clock, at) = one(plain(&lines), &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(clock.steps()[0].by_ms, -3 * HOUR);
    assert!(in_order(&at));
    assert_eq!(clock.notes().len(), 1);
}

#[test]
fn an_unknown_zone_keeps_local_times_and_widens_times_of_utc() {
    let (clock, at) = one(
        plain(&["2026-11-03 06:00:00", "2026-11-03 06:10:00"]),
        &YearHints::default(),
        &zone(""),
    );
    assert_eq!(at[0].shown(), "2026-11-03T06:00:00");
    assert_eq!(at[0].utc(), None);
    let capture = clock.place(&stamp("2026-11-03 06:00:00 @0"));
    assert_eq!(capture.start, at[0].start - 12 * HOUR);
    assert_eq!(capture.end, at[0].end + 14 * HOUR);
    assert_eq!(clock.zone_used(at.last()).basis, ZoneBasis::Unknown);
}

#[test]
fn stated_offsets_serve_the_records_near_them() {
    let mut log = plain(&["2026-10-24 06:00:00 @120", "2026-10-24 07:00:00 @120"]);
    log.extend(plain(&[
        "2026-10-26 06:00:00 @60",
        "2026-10-26 07:00:00 @60",
    ]));
    let (clock, at) = one(log, &YearHints::default(), &zone("+03:00"));
    assert_eq!(at[3].shown(), "2026-10-26T07:00:00+01:00");
    assert_eq!(clock.place(&stamp("2026-10-24 12:00:00")).offset, Some(120));
    assert_eq!(clock.place(&stamp("2026-10-26 12:00:00")).offset, Some(60));
    assert_eq!(clock.zone_used(at.last()).basis, ZoneBasis::Stated);
    assert_eq!(clock.notes().len(), 1, "the option disagrees");
}

#[test]
fn an_hour_between_a_stated_offset_and_the_next_stretch_is_summer_time() {
    let mut log = ticking("2026-10-25 00:00:00", 3_600_000, 60_000, 120);
    log.extend(ticking(
        "2026-10-24 23:00:00",
        3_600_000 + 7_200_000,
        60_000,
        2_000,
    ));
    let zones = ZoneHints {
        stated: vec![(stamp("2026-10-24 23:30:00").local_ms(), 120)],
        ..ZoneHints::default()
    };
    let (clock, at) = one(log, &YearHints::default(), &zones);
    assert_eq!(clock.steps(), []);
    assert!(in_order(&at));
    assert_eq!(at[130].shown(), "2026-10-25T02:10:00+01:00");
}

#[test]
fn captures_eight_months_away_give_the_year() {
    let march = plain(&["03-03 06:00:00", "03-03 07:00:00"]);
    let (_, at) = one(march, &dated("2026-11-03 00:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2026-03-03T06:00:00");
    let november = plain(&["11-03 06:00:00", "11-05 07:00:00"]);
    let (_, at) = one(november.clone(), &dated("2026-11-03 12:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2026-11-03T06:00:00");
    let (_, at) = one(november.clone(), &dated("2027-07-03 12:00:00"), &zone(""));
    assert_eq!(at[0].shown(), "2026-11-03T06:00:00");

    let modified = YearHints {
        modified: vec![Some(stamp("2025-11-04 23:00:00").local_ms())],
        ..YearHints::default()
    };
    let (_, at) = one(november.clone(), &modified, &zone(""));
    assert_eq!(at[0].shown(), "2025-11-03T06:00:00");
    let versions = YearHints {
        versions: vec![stamp("2025-12-04 23:00:00").local_ms() / 1_000],
        ..YearHints::default()
    };
    let (_, at) = one(november.clone(), &versions, &zone(""));
    assert_eq!(at[0].shown(), "2026-11-03T06:00:00");
    let (clock, _) = one(november, &YearHints::default(), &zone(""));
    assert!(
        clock.notes()[0]
            .1
            .cost
            .contains("nothing in the evidence tells it")
    );
}

#[test]
fn rotated_files_follow_their_boot_in_any_order() {
    // One boot from December into January, over three files, of unknown year.
    let mut whole = ticking("2026-12-31 22:00:00", 1_000_000, 60_000, 300);
    for line in &mut whole {
        line.0.local = observe::in_year(line.0.local.naive(), Stamp::NO_YEAR).into();
        line.0.has_year = false;
    }
    let parts: Vec<Vec<Line>> = whole.chunks(100).map(<[Line]>::to_vec).collect();
    let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]];
    for years in [dated("2027-01-09 00:00:00"), YearHints::default()] {
        for order in orders {
            let logs: Vec<Vec<Line>> = order.iter().map(|at| parts[*at].clone()).collect();
            let (clock, at) = moments(&logs, &years, &zone("Europe/Berlin"));
            let mut sorted: Vec<(usize, Vec<Moment>)> = order.into_iter().zip(at).collect();
            sorted.sort_by_key(|(part, _)| *part);
            let all: Vec<Moment> = sorted.into_iter().flat_map(|(_, at)| at).collect();
            assert!(in_order(&all) && clock.steps().is_empty());
            assert_eq!(all[299].start - all[0].start, 299 * 60_000);
        }
    }
}

#[test]
fn logs_of_one_boot_share_the_milliseconds() {
    // The first log alone leaves its second open; the other one narrows it.
    let few = log(&[
        ("2026-11-03 02:00:01", 1_500),
        ("2026-11-03 02:00:03", 3_500),
    ]);
    let many = ticking("2026-11-03 02:00:00", 5_000, 730, 400);
    let (_, at) = one(few.clone(), &YearHints::default(), &zone(""));
    assert_eq!(at[0].end - at[0].start, 1_000);
    let (_, at) = moments(&[few, many], &YearHints::default(), &zone(""));
    assert!(at[0][0].end - at[0][0].start < 100);
}

#[test]
fn forged_counts_and_times_disturb_nothing() {
    let honest = ticking("2026-11-03 02:00:00", 5_000, 7_300, 100);
    let (_, right) = one(
        honest.clone(),
        &YearHints::default(),
        &zone("Europe/Berlin"),
    );
    for forged in [
        0,
        1,
        600_000,
        1_500_000,
        7_777_777,
        1 << 33,
        i64::MAX.unsigned_abs(),
        u64::MAX,
    ] {
        for place in [0, 1, 50, 98, 99] {
            let mut log = honest.clone();
            log[place].1 = Some(forged);
            let (clock, at) = one(log, &YearHints::default(), &zone("Europe/Berlin"));
            assert_eq!(clock.steps(), [], "{forged} at {place}");
            for (number, (one, other)) in at.iter().zip(&right).enumerate() {
                assert!(
                    one.shown() == other.shown(),
                    "{forged} at {place}: {number}"
                );
            }
        }
    }
    let mut log = honest;
    for (place, day) in [(3, NaiveDate::MAX), (50, NaiveDate::MIN)] {
        log[place].0.local = day.and_hms_opt(0, 0, 0).unwrap().into();
    }
    let (clock, _) = one(log, &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(clock.steps(), []);
}

#[test]
fn a_step_at_the_border_of_rotated_copies_is_one_clock() {
    // A copy of the older file holds only what lies before the step; the live log holds both.
    let before = ticking("2026-11-03 06:00:00", 7_200_000, 60_000, 60);
    let mut live = before[30..].to_vec();
    live.extend(ticking("2026-11-03 03:00:00", 10_800_000, 60_000, 60));
    let (clock, at) = moments(
        &[before, live],
        &YearHints::default(),
        &zone("Europe/Berlin"),
    );
    assert_eq!(clock.steps().len(), 1);
    assert!(at.iter().all(|at| in_order(at)));
    assert_eq!(
        at[0][30].start, at[1][0].start,
        "the copy is shifted as well"
    );
    assert_eq!(at[0][0].shift, -10_800_000);
}

#[test]
fn logs_in_utc_alone_are_shown_in_utc() {
    let log = plain(&["2026-11-03 06:00:00 @0", "2026-11-03 06:10:00 @0"]);
    let (clock, at) = one(log.clone(), &YearHints::default(), &zone(""));
    assert_eq!(at[0].shown(), "2026-11-03T06:00:00+00:00");
    assert_eq!(clock.zone_used(at.last()).basis, ZoneBasis::Stated);
    let (clock, at) = one(log, &YearHints::default(), &zone("Europe/Berlin"));
    assert_eq!(at[0].shown(), "2026-11-03T07:00:00+01:00");
    assert_eq!(clock.zone_used(None).basis, ZoneBasis::Option);
    assert_eq!(clock.place(&stamp("2026-11-03 06:00:00")).offset, Some(60));
}

#[test]
fn drift_and_disorder_are_no_steps() {
    let mut log = ticking("2026-11-03 02:00:00", 5_000, 600_000, 3_000);
    for (number, line) in log.iter_mut().enumerate() {
        // 50 parts per million: a minute in two weeks.
        line.1 = line.1.map(|tick| tick - number as u64 * 30);
    }
    log.swap(7, 8);
    let (clock, at) = one(log, &YearHints::default(), &zone("+01:00"));
    assert_eq!(clock.steps(), []);
    assert!(at.iter().all(|at| at.shift == 0));
}

#[test]
fn long_silences_are_gaps() {
    let mut log = ticking("2026-11-03 02:00:00", 5_000, 60_000, 30);
    assert_eq!(
        one(log.clone(), &YearHints::default(), &zone("")).0.gaps(0),
        []
    );
    log.extend(ticking("2026-11-03 02:00:00", 90_000_000, 60_000, 30));
    let (clock, at) = one(log.clone(), &YearHints::default(), &zone(""));
    assert_eq!(
        clock.gaps(0),
        [Gap {
            from: at[29],
            to: at[30]
        }]
    );
    assert_eq!(clock.span(0), Some((at[0], at[59])));
    log.drain(8..50);
    assert_eq!(one(log, &YearHints::default(), &zone("")).0.gaps(0), []);
}

/// Plays a server through the end of summer time and New Year, with reboots, drift, wraps and
/// rotation, and holds every moment against what really happened.
#[test]
fn a_played_server_is_understood() {
    let berlin = chrono_tz::Europe::Berlin;
    for seed in 0..40_u64 {
        let mut state = seed + 1;
        let mut dice = |sides: i64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % sides.unsigned_abs()).unwrap()
        };
        let mut now = stamp("2026-10-20 10:00:00").local_ms();
        let mut boot = now - 48 * DAY;
        let drift = dice(100) - 50;
        let (mut lines, mut truth) = (Vec::new(), Vec::new());
        while now < stamp("2027-01-20 00:00:00").local_ms() {
            now += match dice(40) {
                0 => dice(9 * HOUR),
                1..4 => dice(HOUR),
                4..20 => dice(MINUTE),
                _ => dice(500),
            };
            if dice(400) == 0 {
                now += 40 * SECOND + dice(HOUR);
                boot = now - 20 * SECOND;
            }
            let ticks = (now - boot) + (now - boot) / 1_000_000 * drift;
            let utc = DateTime::from_timestamp_millis(now.div_euclid(1_000) * 1_000).unwrap();
            let local = utc.with_timezone(&berlin).naive_local();
            let local = observe::in_year(local, Stamp::NO_YEAR);
            let stamp = Stamp {
                local: local.into(),
                offset: None,
                lasts: 1_000,
                has_year: false,
            };
            lines.push((stamp, Some(ticks.rem_euclid(1 << 32).unsigned_abs())));
            truth.push(now);
        }
        let cuts = lines.len() / 5 + 1;
        let mut parts: Vec<(Vec<Line>, Vec<i64>)> = lines
            .chunks(cuts)
            .zip(truth.chunks(cuts))
            .map(|(lines, truth)| (lines.to_vec(), truth.to_vec()))
            .collect();
        parts.rotate_left(usize::try_from(dice(5)).unwrap());
        let logs: Vec<Vec<Line>> = parts.iter().map(|(lines, _)| lines.clone()).collect();
        let (clock, all) = moments(&logs, &dated("2027-01-20 12:00:00"), &zone("Europe/Berlin"));
        assert_eq!(clock.steps(), [], "seed {seed}");
        for (at, truth) in all
            .iter()
            .zip(&parts)
            .flat_map(|(all, part)| all.iter().zip(&part.1))
        {
            let near = at.start - 250 <= *truth && *truth < at.end + 250;
            assert!(
                near,
                "seed {seed}: {truth} is not in {at:?}, {}",
                at.shown()
            );
            assert!(at.end - at.start <= 1_000 && at.shift == 0);
        }
        let pairs = || all.iter().flat_map(|all| all.windows(2));
        assert!(pairs().all(|pair| !pair[1].before(&pair[0])), "seed {seed}");
    }
}

mod anything {
    use super::*;
    use proptest::prelude::*;

    fn any_stamp() -> impl Strategy<Value = Stamp> {
        let near = 1_700_000_000_000_i64..1_800_000_000_000;
        let ms = prop_oneof![4 => near, 1 => any::<i64>()];
        let offset = prop_oneof![
            4 => Just(None),
            1 => prop_oneof![Just(0), Just(60), any::<i16>()].prop_map(Some)
        ];
        let lasts = prop_oneof![Just(1), Just(1_000), Just(60_000), any::<u32>()];
        (ms, offset, lasts, any::<bool>()).prop_map(|(ms, offset, lasts, has_year)| {
            let time = naive(ms);
            let local = if has_year {
                time
            } else {
                observe::in_year(time, Stamp::NO_YEAR)
            };
            Stamp {
                local: local.into(),
                offset,
                lasts,
                has_year,
            }
        })
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let tick = prop_oneof![
            Just(None),
            (0..10_000_000_u64).prop_map(Some),
            any::<u64>().prop_map(Some)
        ];
        (any_stamp(), tick)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn never_panics_and_moments_are_stretches(
            logs in prop::collection::vec(prop::collection::vec(any_line(), 0..30), 0..4),
            dated in prop::collection::vec(any::<i64>(), 0..3),
            modified in prop::option::of(any::<i64>()),
            versions in prop::collection::vec(any::<i64>(), 0..2),
            stated in prop::collection::vec((any::<i64>(), any::<i16>()), 0..3),
            bias in prop::option::of(any::<i32>()),
            option in prop_oneof![Just(""), Just("Europe/Berlin"), Just("-03:30")],
        ) {
            let years = YearHints { dated, modified: vec![modified], versions };
            let zones = ZoneHints { stated, registry_bias: bias, ..zone(option) };
            let (clock, all) = moments(&logs, &years, &zones);
            for (file, log) in logs.iter().enumerate() {
                for (at, (stamp, _)) in all[file].iter().zip(log) {
                    prop_assert!(at.start < at.end);
                    let placed = clock.place(stamp);
                    prop_assert!(placed.start < placed.end);
                    let _ = (at.shown(), at.shown_end(), at.utc(), placed.shown());
                }
                let _ = (clock.span(file), clock.gaps(file), clock.zone_used(all[file].last()));
            }
            let again = moments(&logs, &years, &zones).1;
            prop_assert_eq!(again, all);
        }
    }
}
