//! Which segments of all logs lie in one boot, and where the clock was set in between.

use super::observe::{JITTER, Mark, Piece, Segment, TOLERANCE, WRAP, tolerance};
use super::zone::{Rule, east};
use super::{DAY, File, Frame, HOUR, MINUTE, SECOND};
use std::collections::{BTreeMap, VecDeque};

/// A segment with all that is settled about it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) segment: Segment,
    /// Add to the frame's clock to get the real calendar.
    pub(super) real: i64,
    /// Minutes east, if they are the same throughout and known.
    pub(super) offset: Option<i16>,
    /// Axis minus what the clock showed.
    pub(super) shift: i64,
    /// Ends with the first passage of the autumn fold, or begins with the second: a step back
    /// between records without ticks tells.
    pub(super) before_fold: bool,
    pub(super) after_fold: bool,
    /// Whether the place on the axis is known but for [`Node::shift`].
    placed: bool,
}

/// Something to tell about one record.
pub(super) struct Finding {
    pub(super) file: usize,
    pub(super) mark: Mark,
    pub(super) what: What,
}

pub(super) enum What {
    /// The clock was set; `carried` unless the step is too large to shift what lies before.
    Step { by: i64, ticks: bool, carried: bool },
    /// Many steps back without ticks: no clock does that.
    Disorder,
    /// A named zone changes its offset here, but clock and ticks did not part.
    NoSummerTime,
}

/// What lies between two neighbouring segments of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// The same boot and the same clock, on the axis.
    None,
    Reboot,
    ClockStep {
        by_ms: i64,
    },
    /// Not enough is known to say.
    Unknown,
}

impl Node {
    pub(super) fn new(segment: &Segment, frame: Frame, year: i32) -> Node {
        let real = match frame {
            Frame::Float => super::observe::real(segment.first.wall, year) - segment.first.wall,
            Frame::Local | Frame::Utc => 0,
        };
        Node {
            segment: segment.clone(),
            real,
            offset: None,
            shift: 0,
            before_fold: false,
            after_fold: false,
            placed: false,
        }
    }

    /// The part of a record's second that its tick count leaves, on the real clock. Nothing if
    /// the count does not fit the clock: it is damaged or forged. `near` is the piece of the record
    /// before, and becomes that of this one.
    pub(super) fn narrow(
        &self,
        line: u32,
        whole: (i64, i64),
        tick: Option<u64>,
        near: &mut usize,
    ) -> Option<(i64, i64)> {
        let pieces = &self.segment.pieces;
        let begins = |at: usize| pieces.get(at).is_some_and(|piece| piece.first_line <= line);
        // Most records are of the same piece as the one before; a search reads one after the other of
        // thousands.
        if !begins(*near) || begins(near.saturating_add(1)) {
            let behind = pieces.partition_point(|piece| piece.first_line <= line);
            *near = behind.saturating_sub(1);
        }
        let piece = pieces.get(*near)?;
        let tick = i64::try_from(tick?).ok()?;
        let (lo, hi) = (
            piece.lo.checked_add(self.real)?,
            piece.hi.checked_add(self.real)?,
        );
        let wraps = if tick < WRAP {
            (whole.0 - i64::midpoint(lo, hi) - tick + WRAP / 2).div_euclid(WRAP)
        } else {
            0
        };
        let tick = tick.checked_add(wraps * WRAP)?;
        let (from, to) = (
            lo.checked_add(tick)? - JITTER,
            hi.checked_add(tick)? + JITTER + 1,
        );
        let (start, end) = (from.max(whole.0), to.min(whole.1));
        (start < end).then_some((start, end))
    }

    fn counted(&self) -> bool {
        self.placed && !self.segment.pieces.is_empty()
    }

    /// Add to the frame's clock to get the axis, without shift.
    fn axis(&self) -> i64 {
        self.real - self.offset.map_or(0, east)
    }

    fn start(&self) -> i64 {
        self.segment.earliest.wall + self.axis()
    }

    fn end(&self) -> i64 {
        self.segment.latest.wall + self.axis()
    }
}

/// By how much the clock of `after` runs ahead of that of `before`, as bounds, in milliseconds;
/// and how many wraps of the ticks lie between their counts. Both must be counted.
fn lead(before: &Node, after: &Node) -> Option<(i64, i64, i64, u64)> {
    let (low, high) = before.segment.ticks?;
    let (first, last) = after.segment.ticks?;
    let near =
        |pieces: &[Piece], end: bool| if end { pieces.last() } else { pieces.first() }.copied();
    let guess = near(&after.segment.pieces, false)?.lo + after.axis()
        - near(&before.segment.pieces, true)?.lo
        - before.axis();
    // Not to be rounded: a clock that was set by weeks is nothing that wraps explain.
    let both = before.segment.narrow && after.segment.narrow;
    let wraps = if both {
        (guess + WRAP / 2).div_euclid(WRAP)
    } else {
        0
    };
    let (first, last) = (first + wraps * WRAP, last + wraps * WRAP);
    let (mine, theirs, apart) = if first > high {
        (true, false, first.abs_diff(high))
    } else if low > last {
        (false, true, low.abs_diff(last))
    } else {
        (true, false, 0)
    };
    let mine = near(&before.segment.pieces, mine)?;
    let theirs = near(&after.segment.pieces, theirs)?;
    let by = after.axis() - before.axis() - wraps * WRAP;
    Some((
        theirs.lo + by - mine.hi,
        theirs.hi + by - mine.lo,
        wraps,
        apart,
    ))
}

/// The wraps between two segments whose clocks agree, if they do.
fn agree(before: &Node, after: &Node) -> Option<i64> {
    let (lo, hi, wraps, apart) = lead(before, after)?;
    let tolerance = tolerance(apart);
    (lo <= tolerance && hi >= -tolerance).then_some(wraps)
}

/// Classifies what lies between two neighbouring segments of one file.
pub(super) fn between(before: &Node, after: &Node) -> Break {
    if !before.counted() || !after.counted() {
        return Break::Unknown;
    }
    if agree(before, after).is_some() {
        return Break::None;
    }
    let (Some((_, high)), Some(first), Some(piece)) = (
        before.segment.ticks,
        after.segment.pieces.first().map(|piece| piece.tick),
        after.segment.pieces.first(),
    ) else {
        return Break::Unknown;
    };
    let booted = piece.hi + after.axis();
    let last = before.segment.last.wall + before.axis();
    let fell = first < high - 10 * SECOND;
    // Ticks that go on just where they were are no coincidence once the server has been up long.
    let goes_on = !fell && first - high < 10 * MINUTE && high > HOUR;
    if fell || (booted >= last - TOLERANCE && !goes_on) {
        return Break::Reboot;
    }
    let Some(last) = before.segment.pieces.last() else {
        return Break::Unknown;
    };
    let by = after.axis() - before.axis();
    Break::ClockStep {
        by_ms: round(piece.lo + by - last.hi, piece.hi + by - last.lo),
    }
}

/// The roundest number within bounds: clocks are set by hours and minutes.
fn round(lo: i64, hi: i64) -> i64 {
    [15 * MINUTE, MINUTE, SECOND]
        .into_iter()
        .map(|unit| hi.div_euclid(unit) * unit)
        .find(|one| (lo..=hi).contains(one))
        .unwrap_or(i64::midpoint(lo, hi))
}

/// Finds offsets, boots, steps and shifts of all segments, and narrows their ticks together.
pub(super) fn connect(files: &mut [File], rule: &Rule) -> Vec<Finding> {
    let mut findings = offsets(files, rule);
    let places: Vec<(usize, usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, log)| {
            log.lanes
                .iter()
                .enumerate()
                .flat_map(move |(lane, nodes)| (0..nodes.len()).map(move |node| (file, lane, node)))
        })
        .collect();
    let mut nodes: Vec<Node> = places
        .iter()
        .map(|(file, lane, node)| files[*file].lanes[*lane][*node].clone())
        .collect();

    // Edges: (other, what to add to the other's ticks, step from here to there, same clock).
    let mut edges: Vec<Vec<(usize, i64, i64, bool)>> = vec![Vec::new(); nodes.len()];
    let mut link = |one: usize, other: usize, wraps: i64, by: i64, same: bool| {
        edges[one].push((other, wraps, by, same));
        edges[other].push((one, -wraps, -by, same));
    };
    let mut rebooted = Vec::new();
    let mut steps = Vec::new();
    for (at, place) in places.iter().enumerate().skip(1) {
        let before = places[at - 1];
        if (before.0, before.1) != (place.0, place.1) {
            continue;
        }
        let (one, other) = (&nodes[at - 1], &nodes[at]);
        match between(one, other) {
            Break::None => link(at - 1, at, agree(one, other).unwrap_or(0), 0, true),
            Break::Reboot => rebooted.push((at - 1, at)),
            Break::ClockStep { by_ms } => {
                link(at - 1, at, 0, by_ms, false);
                steps.push((at, by_ms, true));
            }
            Break::Unknown => {
                let back = other.segment.first.wall + other.real - one.segment.last.wall - one.real;
                if other.segment.season != one.segment.season && back < 31 * DAY {
                    link(at - 1, at, 0, 0, false);
                } else if (one.segment.pieces.is_empty() || other.segment.pieces.is_empty())
                    && back < -MINUTE
                    && back > -25 * HOUR
                    && !other.after_fold
                {
                    // Some time passed between the two records, so the step is a little larger.
                    let hours = -back
                        .unsigned_abs()
                        .div_ceil(HOUR.unsigned_abs())
                        .cast_signed();
                    let whole = hours * HOUR;
                    let by = if whole - back > -15 * MINUTE {
                        whole
                    } else {
                        back
                    };
                    steps.push((at, by, false));
                }
            }
        }
    }
    // A clock is not set more than a few times in one log; times in disorder go back and back.
    let mut blind: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, _, ticks) in &steps {
        if !ticks {
            *blind.entry(places[*at].0).or_default() += 1;
        }
    }
    for (at, by, ticks) in steps {
        let (file, mark) = (places[at].0, nodes[at].segment.first);
        let many = !ticks && blind.get(&file).is_some_and(|count| *count > 3);
        if many {
            if blind.insert(file, usize::MAX) != Some(usize::MAX) {
                let what = What::Disorder;
                findings.push(Finding { file, mark, what });
            }
            continue;
        }
        if !ticks {
            link(at - 1, at, 0, by, false);
        }
        let carried = i32::try_from(by).is_ok();
        let what = What::Step { by, ticks, carried };
        findings.push(Finding { file, mark, what });
    }
    for (one, other, wraps) in same_clocks(&nodes) {
        link(one, other, wraps, 0, true);
    }

    let boots = shift(&mut nodes, &edges);
    carry_over(&mut nodes, &boots, &rebooted);
    narrow_together(&mut nodes, &edges);
    for ((file, lane, node), settled) in places.into_iter().zip(nodes) {
        files[file].lanes[lane][node] = settled;
    }
    findings.sort_by_key(|one| (one.file, one.mark.line));
    findings
}

/// Finds the offset of each segment, from its ends outside the fold or from its neighbours.
fn offsets(files: &mut [File], rule: &Rule) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, log) in files.iter_mut().enumerate() {
        for node in log.lanes[Frame::Utc as usize].iter_mut() {
            node.placed = !matches!(rule, Rule::Unknown);
        }
        let mut told = false;
        for node in log.lanes[..Frame::Utc as usize].iter_mut().flatten() {
            let first = node.segment.earliest.wall + node.real;
            let last = node.segment.latest.wall + node.real;
            match rule {
                Rule::Unknown => node.placed = true,
                Rule::Fixed(minutes) => {
                    node.offset = Some(*minutes);
                    node.placed = true;
                }
                _ if node.segment.pieces.is_empty() => {}
                _ => {
                    let (one, other) = (rule.offsets(first), rule.offsets(last));
                    let both: Vec<i16> = one
                        .iter()
                        .filter(|minutes| other.contains(minutes))
                        .copied()
                        .collect();
                    match both.as_slice() {
                        [minutes] => node.offset = Some(*minutes),
                        [_, _, ..] => {}
                        [] => {
                            node.offset = other.last().or(one.last()).copied();
                            node.offset = node.offset.or(rule.around(last).map(|two| two.1));
                            if !told && matches!(rule, Rule::Named(_)) {
                                told = true;
                                let (mark, what) = (node.segment.last, What::NoSummerTime);
                                findings.push(Finding { file, mark, what });
                            }
                        }
                    }
                    node.placed = node.offset.is_some();
                }
            }
        }
        for lane in &mut log.lanes[..Frame::Utc as usize] {
            for at in 1..lane.len() {
                fold(lane, at, rule);
                extend_stated(lane, at - 1, at, rule);
            }
            for at in (1..lane.len()).rev() {
                extend_stated(lane, at, at - 1, rule);
            }
        }
    }
    by_ticks(files, rule);
    findings
}

/// Marks a step back inside the fold between records without ticks.
fn fold(lane: &mut [Node], at: usize, rule: &Rule) {
    let (one, other) = (&lane[at - 1], &lane[at]);
    if !one.segment.pieces.is_empty() && !other.segment.pieces.is_empty() {
        return;
    }
    let before = one.segment.last.wall + one.real;
    let after = other.segment.first.wall + other.real;
    if after < before && rule.offsets(before).len() == 2 && rule.offsets(after).len() == 2 {
        lane[at - 1].before_fold = true;
        lane[at].after_fold = true;
    }
}

/// From stated offsets only some moments are known. Where one segment holds a statement, the
/// next does not, and the clock stepped by an hour while the ticks went on, that was summer time.
fn extend_stated(lane: &mut [Node], from: usize, to: usize, rule: &Rule) {
    let Rule::Stated(points) = rule else { return };
    let sure = |node: &Node| {
        let range = node.segment.earliest.wall + node.real..=node.segment.latest.wall + node.real;
        points
            .iter()
            .any(|(utc, minutes)| range.contains(&utc.saturating_add(east(*minutes))))
    };
    let (earlier, later) = (from.min(to), from.max(to));
    if !sure(&lane[from]) || sure(&lane[to]) {
        return;
    }
    if let Break::ClockStep { by_ms } = between(&lane[earlier], &lane[later])
        && [30 * MINUTE, HOUR].contains(&by_ms.abs())
    {
        let by = if to > from { by_ms } else { -by_ms };
        let minutes = i16::try_from(by / MINUTE).unwrap_or(0);
        lane[to].offset = lane[to].offset.map(|offset| offset.saturating_add(minutes));
    }
}

/// Segments that lie wholly in the fold: the offset under which their boot began when another
/// segment says it did.
fn by_ticks(files: &mut [File], rule: &Rule) {
    if !matches!(rule, Rule::Named(_)) {
        return;
    }
    let known: Vec<Node> = files
        .iter()
        .flat_map(|file| file.lanes.iter().flatten())
        .filter(|node| node.counted())
        .take(10_000)
        .cloned()
        .collect();
    let open = files
        .iter_mut()
        .flat_map(|file| file.lanes[..2].iter_mut().flatten())
        .filter(|node| !node.placed && !node.segment.pieces.is_empty());
    for node in open.take(1_000) {
        let mut fitting = rule.offsets(node.segment.first.wall + node.real);
        fitting.retain(|minutes| {
            node.offset = Some(*minutes);
            known.iter().any(|other| agree(other, node).is_some())
        });
        node.offset = match fitting.as_slice() {
            [minutes] => Some(*minutes),
            _ => None,
        };
        node.placed = node.offset.is_some();
    }
}

/// Pairs of segments, of all files, that count from the same boot under the same clock.
fn same_clocks(nodes: &[Node]) -> Vec<(usize, usize, i64)> {
    const NEIGHBOURS: usize = 32;
    let mut order: Vec<(i64, usize)> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.counted())
        .filter_map(|(at, node)| {
            let piece = node.segment.pieces.first()?;
            let boot = i64::midpoint(piece.lo, piece.hi) + node.axis();
            Some((boot.rem_euclid(WRAP), at))
        })
        .collect();
    order.sort_unstable();
    let mut pairs = Vec::new();
    for (place, (boot, one)) in order.iter().enumerate() {
        for (later, other) in order[place + 1..].iter().take(NEIGHBOURS) {
            if later - boot > MINUTE + 2 * TOLERANCE {
                break;
            }
            if let Some(wraps) = agree(&nodes[*one], &nodes[*other]) {
                pairs.push((*one, *other, wraps));
            }
        }
    }
    pairs
}

/// Makes the axis continuous within each boot, the newest clock being right. Gives the boot of
/// each segment.
fn shift(nodes: &mut [Node], edges: &[Vec<(usize, i64, i64, bool)>]) -> Vec<usize> {
    let mut boots = vec![usize::MAX; nodes.len()];
    for root in 0..nodes.len() {
        if boots[root] != usize::MAX {
            continue;
        }
        let mut members = vec![root];
        let mut queue = VecDeque::from([root]);
        boots[root] = root;
        nodes[root].shift = 0;
        while let Some(at) = queue.pop_front() {
            for (other, _, by, _) in &edges[at] {
                if boots[*other] == usize::MAX {
                    boots[*other] = root;
                    // A step too large to be carried leaves both sides as they are.
                    let by = if i32::try_from(*by).is_ok() { *by } else { 0 };
                    nodes[*other].shift = nodes[at].shift.saturating_sub(by);
                    members.push(*other);
                    queue.push_back(*other);
                }
            }
        }
        let newest = members
            .iter()
            .map(|at| {
                (
                    nodes[*at].end().saturating_add(nodes[*at].shift),
                    nodes[*at].shift,
                )
            })
            .max()
            .map_or(0, |(_, shift)| shift);
        for at in members {
            let shift = nodes[at].shift - newest;
            nodes[at].shift = if i32::try_from(shift).is_ok() {
                shift
            } else {
                0
            };
        }
    }
    boots
}

/// A clock that was wrong since before the reboot: shifts the boot before as well, if it would
/// otherwise end after the next one begins though the clock showed the right order.
fn carry_over(nodes: &mut [Node], boots: &[usize], rebooted: &[(usize, usize)]) {
    let mut moved = vec![false; nodes.len()];
    for _ in 0..3 {
        let mut change = false;
        for (one, other) in rebooted.iter().rev() {
            let by = nodes[*other].shift;
            let (end, start) = (nodes[*one].end(), nodes[*other].start());
            let boot = boots[*one];
            let wrong = end <= start + MINUTE && end + nodes[*one].shift > start + by + MINUTE;
            if !wrong || moved[boot] || boots[*other] == boot {
                continue;
            }
            moved[boot] = true;
            change = true;
            for (node, _) in nodes.iter_mut().zip(boots).filter(|(_, of)| **of == boot) {
                let shift = node.shift.saturating_add(by);
                node.shift = if i32::try_from(shift).is_ok() {
                    shift
                } else {
                    0
                };
            }
        }
        if !change {
            break;
        }
    }
}

/// Lets the logs of one boot tell each other the milliseconds.
fn narrow_together(nodes: &mut [Node], edges: &[Vec<(usize, i64, i64, bool)>]) {
    let mut seen = vec![false; nodes.len()];
    for root in 0..nodes.len() {
        if seen[root] || nodes[root].segment.pieces.is_empty() {
            continue;
        }
        seen[root] = true;
        let mut members = vec![(root, 0_i64)];
        let mut queue = VecDeque::from([(root, 0_i64)]);
        while let Some((at, wraps)) = queue.pop_front() {
            for (other, more, _, same) in &edges[at] {
                if *same && !seen[*other] {
                    seen[*other] = true;
                    members.push((*other, wraps + more));
                    queue.push_back((*other, wraps + more));
                }
            }
        }
        // (ticks, lo, hi) of each piece in the root's count, and where it stands.
        let mut pieces: Vec<(i64, i64, i64, usize, usize, i64)> = Vec::new();
        for (at, wraps) in members {
            let by = nodes[at].axis() - wraps * WRAP;
            for (number, piece) in nodes[at].segment.pieces.iter().enumerate() {
                let tick = piece.tick + wraps * WRAP;
                pieces.push((tick, piece.lo + by, piece.hi + by, at, number, by));
            }
        }
        pieces.sort_unstable();
        // Runs of pieces that agree: (lo, hi, from, to).
        let mut runs: Vec<(i64, i64, usize, usize)> = Vec::new();
        let mut from = 0;
        while from < pieces.len() {
            let (tick, mut lo, mut hi, ..) = pieces[from];
            let mut to = from + 1;
            while let Some(next) = pieces.get(to) {
                let narrower = (lo.max(next.1), hi.min(next.2));
                if next.0 - tick > HOUR || narrower.0 > narrower.1 {
                    break;
                }
                (lo, hi) = narrower;
                to += 1;
            }
            runs.push((lo, hi, from, to));
            from = to;
        }
        // The clock drifted from one run to the next, so both must allow for what lies between:
        // else two records on either side could change places.
        for at in 1..runs.len() {
            let (before, after) = (runs[at - 1], runs[at]);
            if before.1 < after.0 {
                let middle = i64::midpoint(before.1, after.0);
                (runs[at - 1].1, runs[at].0) = (middle, middle);
            } else if after.1 < before.0 {
                let middle = i64::midpoint(after.1, before.0);
                (runs[at - 1].0, runs[at].1) = (middle, middle);
            }
        }
        for (lo, hi, from, to) in runs {
            for (_, _, _, at, number, by) in &pieces[from..to] {
                let piece = &mut nodes[*at].segment.pieces[*number];
                (piece.lo, piece.hi) = (lo - by, hi - by);
            }
        }
    }
}
