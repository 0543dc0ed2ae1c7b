//! Patterns that are tried only where a word of theirs stands: most texts have none of them.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, Input};
use regex::Regex;
use std::sync::OnceLock;

/// One pattern as it stands in a table.
pub struct Rule<T> {
    /// Words in lower case, of which one must stand in the text.
    pub words: &'static [&'static str],
    /// Every named group that takes part is a find.
    pub pattern: &'static str,
    /// What is found.
    pub what: T,
}

/// Stretches of a text that are walked through at once: each step waits for the one before it in its
/// own stretch only.
const STRETCHES: usize = 4;

/// A table that is ready to be used. It holds at most 128 rules.
pub struct Rules<T: 'static> {
    words: DFA,
    /// Bytes of the longest word.
    longest: usize,
    /// For each word, the rules that it belongs to, as bits.
    of_word: Vec<u128>,
    /// Built when they are asked for the first time: most runs need none.
    rules: Vec<(OnceLock<Option<Regex>>, &'static Rule<T>)>,
}

impl<T> Rules<T> {
    /// Builds the table. A pattern that is none finds nothing; a test holds every pattern.
    pub fn new(table: &'static [Rule<T>]) -> Option<Rules<T>> {
        let mut words = vec![];
        let mut of_word = vec![];
        let mut rules = vec![];
        for rule in table {
            for word in rule.words {
                words.push(*word);
                of_word.push(1 << rules.len());
            }
            rules.push((OnceLock::new(), rule));
        }
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        let words = DFA::builder()
            .ascii_case_insensitive(true)
            .build(words)
            .ok()?;
        Some(Rules {
            words,
            longest,
            of_word,
            rules,
        })
    }

    /// The rules of which a word stands in the text, as bits: 0 for most texts.
    pub fn worth(&self, text: &str) -> u128 {
        let mut found = 0;
        // Nearly always there is not one, and that is told fastest.
        if !self.holds_one(text.as_bytes()) {
            return found;
        }
        let Ok(all) = self.words.try_find_overlapping_iter(Input::new(text)) else {
            return u128::MAX;
        };
        for word in all {
            found |= self.of_word[word.pattern().as_usize()];
        }
        found
    }

    /// Whether a word stands in the text.
    fn holds_one(&self, text: &[u8]) -> bool {
        let Ok(start) = self.words.start_state(Anchored::No) else {
            return true;
        };
        // Each goes on as far as a word that begins in it.
        let length = text.len().div_ceil(STRETCHES);
        let stretches: [&[u8]; STRETCHES] = std::array::from_fn(|number| {
            let rest = text.get(number * length..).unwrap_or_default();
            &rest[..rest.len().min(length + self.longest)]
        });
        let shared = stretches.iter().map(|one| one.len()).min().unwrap_or(0);
        let mut states = [start; STRETCHES];
        let mut held = false;
        let mut step = |state: &mut StateID, byte: u8| {
            *state = self.words.next_state(Anchored::No, *state, byte);
            held |= self.words.is_match(*state);
        };
        let [first, second, third, fourth] = stretches.map(|one| &one[..shared]);
        for at in 0..shared {
            let bytes = [first[at], second[at], third[at], fourth[at]];
            for (state, byte) in states.iter_mut().zip(bytes) {
                step(state, byte);
            }
        }
        for (state, stretch) in states.iter_mut().zip(stretches) {
            for byte in &stretch[shared..] {
                step(state, *byte);
            }
        }
        held
    }

    /// The rules among those bits.
    pub fn among(&self, bits: u128) -> impl Iterator<Item = (&Regex, &'static T)> {
        let is_among = move |(place, _): &(usize, _)| bits & (1 << place) != 0;
        let all = self.rules.iter().enumerate().filter(is_among);
        all.filter_map(|(_, (regex, rule))| {
            let regex = regex.get_or_init(|| Regex::new(rule.pattern).ok());
            Some((regex.as_ref()?, &rule.what))
        })
    }

    /// How many patterns there are.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.among(u128::MAX).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_stands() {
        const TABLE: &[Rule<u8>] = &[
            Rule {
                words: &["pw", "secret"],
                pattern: "x",
                what: 1,
            },
            Rule {
                words: &["@"],
                pattern: "y",
                what: 2,
            },
        ];
        let rules = Rules::new(TABLE).unwrap();
        for length in 0..60 {
            let quiet = "-secre".repeat(10)[..length].to_owned();
            assert_eq!(rules.worth(&quiet), 0);
            for at in 0..=length {
                for (word, bits) in [("pw", 1), ("SECRET", 1), ("@", 2), ("@pw", 3)] {
                    let text = [&quiet[..at], word, &quiet[at..]].concat();
                    assert_eq!(rules.worth(&text), bits, "{text}");
                }
            }
        }
    }
}
