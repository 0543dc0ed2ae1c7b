//! Which record of a log is which of its copy, where several equal ones stand in both.
//!
//! A copy of a stretch of a log tells all records of the stretch in their order, so one distance
//! leads from each of its records to one of the log: a copy that begins behind the first of two
//! equal records has the second. Only a file that lies in another one as a whole is laid beside it,
//! so nothing is ever told twice by that. A selection, or a copy that lacks a record, does not lie
//! in the log; there the second equal record of one is taken for the second of the other.

use crate::model::{Event, FileId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Runs of more equal reports are not told apart: to ask them all would take too long.
pub(super) const MOST_EQUAL: usize = 32;

/// Files that tell one story, beside each other.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    /// The lines of each file on which records stand, in order.
    lines: BTreeMap<FileId, Vec<u32>>,
    newest_first: BTreeSet<FileId>,
    /// Of a file that lies in another or has others in it: the largest of them, and where in that it begins.
    begins: BTreeMap<FileId, (FileId, i64)>,
}

/// Learns from runs of equal reports which files lie in which. The names of files decide nothing.
pub(super) fn align<'e>(
    runs: impl Iterator<Item = &'e [Event]> + Clone,
    newest_first: &BTreeSet<FileId>,
) -> Alignment {
    let mut lines: BTreeMap<FileId, BTreeSet<u32>> = BTreeMap::new();
    for source in runs.clone().flatten().flat_map(|event| &event.sources) {
        lines.entry(source.file).or_default().insert(source.line);
    }
    let lines = lines
        .into_iter()
        .map(|(file, lines)| (file, lines.into_iter().collect()));
    let mut all = Alignment {
        lines: lines.collect(),
        newest_first: newest_first.clone(),
        begins: BTreeMap::new(),
    };
    // Of a larger and a smaller file, how many records lead from one to the other by each distance.
    let mut pairs: BTreeMap<(FileId, FileId), BTreeMap<i64, usize>> = BTreeMap::new();
    for run in runs.filter(|run| (2..=MOST_EQUAL).contains(&run.len())) {
        let mut ranks: BTreeMap<FileId, BTreeSet<i64>> = BTreeMap::new();
        for source in run.iter().flat_map(|event| &event.sources) {
            let rank = all.rank(source.file, source.line);
            ranks.entry(source.file).or_default().insert(rank);
        }
        for (large, theirs) in &ranks {
            let smaller = ranks
                .iter()
                .filter(|(file, _)| all.size(large) < all.size(file));
            for (small, own) in smaller {
                let distances = pairs.entry((*large, *small)).or_default();
                for distance in theirs.iter().flat_map(|a| own.iter().map(move |b| a - b)) {
                    *distances.entry(distance).or_insert(0) += 1;
                }
            }
        }
    }
    // In which larger files each one lies, and where.
    let mut inside: BTreeMap<FileId, Vec<(FileId, i64)>> = BTreeMap::new();
    for ((large, small), distances) in pairs {
        let (room, count) = (all.count(&large), all.count(&small));
        let fits = |(distance, matched): &(&i64, &usize)| {
            i64::try_from(**matched) == Ok(count) && (0..=room - count).contains(*distance)
        };
        if let Some((distance, _)) = distances.iter().find(fits) {
            inside.entry(small).or_default().push((large, *distance));
        }
    }
    let mut files: Vec<FileId> = all.lines.keys().copied().collect();
    files.sort_by_key(|file| all.size(file));
    for file in files {
        let within = inside.get(&file).map_or(&[][..], Vec::as_slice);
        let largest = within.iter().map(|(large, _)| all.count(large)).max();
        let largest: Vec<&(FileId, i64)> = within
            .iter()
            .filter(|(large, _)| Some(all.count(large)) == largest)
            .collect();
        // Of several that are no copies of each other none is the right one.
        let same = |a: &FileId, b: &FileId| {
            a == b
                || [(a, b), (b, a)].iter().any(|(one, other)| {
                    let lies = inside.get(*one).into_iter().flatten();
                    lies.map(|(large, _)| large).any(|large| large == *other)
                })
        };
        let Some((large, distance)) = largest.first() else {
            continue;
        };
        if largest.iter().all(|(other, _)| same(large, other)) {
            let (story, begin) = *all.begins.entry(*large).or_insert((*large, 0));
            all.begins.insert(file, (story, begin + distance));
        }
    }
    all
}

impl Alignment {
    /// How many lines of a file tell something.
    fn count(&self, file: &FileId) -> i64 {
        let count = self.lines.get(file).map_or(0, Vec::len);
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// The order of files by size, the largest first.
    fn size(&self, file: &FileId) -> (Reverse<i64>, FileId) {
        (Reverse(self.count(file)), *file)
    }

    /// The place of a record among those of its file, in the order of time, from 0.
    fn rank(&self, file: FileId, line: u32) -> i64 {
        let lines = self.lines.get(&file).map_or(&[][..], Vec::as_slice);
        let before = lines.partition_point(|one| *one < line);
        let place = i64::try_from(before).unwrap_or(i64::MAX);
        match self.newest_first.contains(&file) {
            true => self.count(&file) - 1 - place,
            false => place,
        }
    }

    /// Where a record stands in the story that its file is a part of: the story, and the place.
    /// Equal records of one story at one place are one. A file that lies in none and has none in it
    /// is a story of its own.
    pub(super) fn place(&self, file: FileId, line: u32) -> (FileId, i64) {
        match self.begins.get(&file) {
            Some((story, begin)) => (*story, begin + self.rank(file, line)),
            None => (file, i64::from(line)),
        }
    }
}
