//! What the logs of a server cover: where they are whole, what they do not say did not happen.

use crate::model::{Coverage, Gap, Moment, Server};
use std::collections::BTreeMap;

/// Between two rotated files a server may be silent for this long without anything being lost.
const ROTATION_MS: i64 = 60 * 60_000;

/// The logs of all servers.
#[derive(Debug, Clone, Default)]
pub struct Logs(BTreeMap<Option<Server>, Whole>);

/// The logs of one server.
#[derive(Debug, Clone, Default)]
struct Whole {
    /// Covered stretches, merged, in order.
    stretches: Vec<(Moment, Moment)>,
    /// Where records are lost that no other log of the server has.
    holes: Vec<Gap>,
}

impl Logs {
    pub fn of(coverage: &[Coverage]) -> Logs {
        let mut by_server: BTreeMap<Option<Server>, Vec<&Coverage>> = BTreeMap::new();
        for one in coverage {
            by_server.entry(one.server.clone()).or_default().push(one);
        }
        let whole = |logs: Vec<&Coverage>| Whole {
            stretches: stretches(&logs),
            holes: holes(&logs),
        };
        Logs(
            by_server
                .into_iter()
                .map(|(server, logs)| (server, whole(logs)))
                .collect(),
        )
    }

    fn stretches(&self, server: &Option<Server>) -> &[(Moment, Moment)] {
        self.0.get(server).map_or(&[], |logs| &logs.stretches)
    }

    fn holes(&self, server: &Option<Server>) -> &[Gap] {
        self.0.get(server).map_or(&[], |logs| &logs.holes)
    }

    /// The covered stretch that holds a moment.
    fn stretch(&self, server: &Option<Server>, at: Moment) -> Option<(Moment, Moment)> {
        let holds =
            |(begin, end): &&(Moment, Moment)| begin.start <= at.start && at.start <= end.end;
        self.stretches(server).iter().find(holds).copied()
    }

    /// The stretches between the first and the last log of a server that no log covers.
    pub fn gaps(&self, server: &Option<Server>) -> Vec<(Moment, Moment)> {
        self.stretches(server)
            .windows(2)
            .map(|pair| (pair[0].1, pair[1].0))
            .collect()
    }

    /// Since when the logs of a server cover the time up to a moment without a gap or a loss.
    pub fn since(&self, server: &Option<Server>, to: Moment) -> Option<Moment> {
        let (begin, _) = self.stretch(server, to)?;
        let losses = self.holes(server).iter().map(|hole| hole.to);
        let before = losses.filter(|lost| lost.start <= to.start);
        Some(before.chain([begin]).max().unwrap_or(begin))
    }

    /// Until when the logs of a server go on from a moment without a gap or a loss; `None` if they
    /// do not cover that moment.
    pub fn until(&self, server: &Option<Server>, from: Moment) -> Option<Moment> {
        let (_, end) = self.stretch(server, from)?;
        let losses = self.holes(server).iter().map(|hole| hole.from);
        let after = losses.filter(|lost| lost.start >= from.start);
        Some(after.chain([end]).min().unwrap_or(end))
    }

    /// Where the last log of a server ends.
    pub fn end(&self, server: &Option<Server>) -> Option<Moment> {
        self.stretches(server).last().map(|(_, end)| *end)
    }

    /// Whether the logs of a server cover a stretch without a gap or a loss.
    pub fn cover(&self, server: &Option<Server>, from: Moment, to: Moment) -> bool {
        let lost = |hole: &Gap| hole.from.start <= to.end && from.start <= hole.to.end;
        self.stretches(server)
            .iter()
            .any(|(begin, end)| begin.start <= from.end && to.start <= end.end)
            && !self.holes(server).iter().any(lost)
    }
}

fn stretches(logs: &[&Coverage]) -> Vec<(Moment, Moment)> {
    let mut pieces = Vec::new();
    for one in logs {
        let mut from = one.from;
        for gap in &one.gaps {
            pieces.push((from, gap.from));
            from = gap.to;
        }
        pieces.push((from, one.to));
    }
    pieces.sort();
    let mut merged: Vec<(Moment, Moment)> = Vec::new();
    for (from, to) in pieces {
        match merged.last_mut() {
            Some(last) if from.start <= last.1.start + ROTATION_MS => {
                if to.start > last.1.start {
                    last.1 = to;
                }
            }
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn holes(logs: &[&Coverage]) -> Vec<Gap> {
    let whole = |log: &Coverage, hole: &Gap| {
        let apart = |other: &Gap| other.to.end < hole.from.start || hole.to.end < other.from.start;
        log.from.start < hole.from.start
            && hole.to.end < log.to.end
            && log.gaps.iter().chain(&log.holes).all(apart)
    };
    let all = logs.iter().flat_map(|log| &log.holes);
    all.filter(|hole| !logs.iter().any(|log| whole(log, hole)))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Moment {
        Moment::exact(minute * 60_000, None)
    }

    fn gap((from, to): &(i64, i64)) -> Gap {
        Gap {
            from: at(*from),
            to: at(*to),
        }
    }

    fn log(from: i64, to: i64, gaps: &[(i64, i64)], holes: &[(i64, i64)]) -> Coverage {
        Coverage {
            server: None,
            from: at(from),
            to: at(to),
            gaps: gaps.iter().map(gap).collect(),
            holes: holes.iter().map(gap).collect(),
        }
    }

    #[test]
    fn rotated_logs_follow_each_other_and_a_longer_silence_parts_them() {
        let near = Logs::of(&[log(0, 100, &[], &[]), log(150, 300, &[], &[])]);
        assert!(near.cover(&None, at(50), at(200)));
        let far = Logs::of(&[log(0, 100, &[], &[]), log(200, 300, &[], &[])]);
        assert!(!far.cover(&None, at(50), at(250)));
        assert_eq!(far.gaps(&None), [(at(100), at(200))]);
        assert_eq!(far.since(&None, at(250)), Some(at(200)));
        assert_eq!(far.until(&None, at(50)), Some(at(100)));
        assert_eq!(far.end(&None), Some(at(300)));
        // A log that a record runs over goes on in the next, however long it was silent.
        let bridged = [
            log(0, 100, &[], &[]),
            log(200, 300, &[], &[]),
            log(100, 200, &[], &[]),
        ];
        assert!(Logs::of(&bridged).cover(&None, at(50), at(250)));
    }

    #[test]
    fn a_lost_record_proves_no_absence_around_it_unless_another_log_has_it() {
        let lost = log(0, 300, &[], &[(100, 110)]);
        let logs = Logs::of(std::slice::from_ref(&lost));
        assert!(logs.cover(&None, at(0), at(99)) && logs.cover(&None, at(111), at(300)));
        assert!(!logs.cover(&None, at(0), at(105)) && !logs.cover(&None, at(105), at(300)));
        assert_eq!(logs.since(&None, at(200)), Some(at(110)));
        assert_eq!(logs.until(&None, at(50)), Some(at(100)));
        // The log goes on, so states are not forgotten there.
        assert!(logs.gaps(&None).is_empty());
        let copy = Logs::of(&[lost.clone(), log(90, 200, &[], &[])]);
        assert!(copy.cover(&None, at(0), at(300)));
        let same_loss = Logs::of(&[lost.clone(), log(90, 200, &[], &[(100, 110)])]);
        assert!(!same_loss.cover(&None, at(0), at(300)));
        let silent_copy = Logs::of(&[lost, log(0, 300, &[(90, 120)], &[])]);
        assert!(!silent_copy.cover(&None, at(0), at(300)));
    }
}
