//! Messages of no interest that come again with other numbers: most of what other parts of the agent
//! write differs in nothing but digits.

use super::remembered::hash;
use super::sieve::STRETCH;

/// Messages that are remembered, each at the place that its letters give; a new one takes the place of
/// the old one there.
const MOST: usize = 4_096;
/// Longer ones are not worth their memory, and shorter ones no look.
const LONGEST: usize = 512;
const SHORTEST: usize = STRETCH;
/// So many messages may be new in a row until they are no longer looked up: to remember one costs half
/// as much as to look through it.
const CREDIT: u32 = 1_024;
/// How many of each piece of a log are looked up in any case.
const LEAST: u32 = 64;

/// What was found out about messages, whatever their digits. It makes quick and changes no result.
pub struct Quiet {
    /// Their texts with [`DIGIT`] for each digit; none at a free place.
    known: Vec<Box<[u8]>>,
    /// Room for the text that is looked up.
    text: [u8; LONGEST],
    credit: u32,
}

/// What stands for any digit.
const DIGIT: u8 = b'1';

impl Default for Quiet {
    fn default() -> Quiet {
        Quiet {
            known: Vec::new(),
            text: [0; LONGEST],
            credit: 0,
        }
    }
}

impl Quiet {
    /// Another piece of a log begins, in which things may be otherwise.
    pub fn begin(&mut self) {
        let least = if self.known.is_empty() { CREDIT } else { LEAST };
        self.credit = self.credit.max(least);
    }

    /// Whether a message is known to be of no interest. `interests` tells it of a text, and the same of
    /// one that differs in nothing but digits. A no says nothing.
    pub fn holds(&mut self, message: &[u8], interests: impl FnOnce(&[u8]) -> bool) -> bool {
        if self.credit == 0 || !(SHORTEST..=LONGEST).contains(&message.len()) {
            return false;
        }
        let text = &mut self.text[..message.len()];
        without_digits(message, text);
        let place = usize::try_from(hash(text) >> 32).unwrap_or(0) % MOST;
        if self.known.get(place).is_some_and(|known| **known == *text) {
            self.credit = CREDIT.min(self.credit + 1);
            return true;
        }
        self.credit -= 1;
        if interests(text) {
            return false;
        }
        self.known.resize(MOST, Box::default());
        self.known[place] = (*text).into();
        true
    }
}

/// Puts `message` into `out`, which is as long, with [`DIGIT`] for each digit.
fn without_digits(message: &[u8], out: &mut [u8]) {
    let put = |from: &[u8; STRETCH], to: &mut [u8; STRETCH]| {
        for at in 0..STRETCH {
            to[at] = if from[at].is_ascii_digit() {
                DIGIT
            } else {
                from[at]
            };
        }
    };
    for (from, to) in message.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
        put(from, to);
    }
    if let (Some(from), Some(to)) = (message.last_chunk(), out.last_chunk_mut()) {
        put(from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text alone, and behind others.
    #[test]
    fn a_message_is_quiet_if_it_says_so_by_itself() {
        let mut quiet = Quiet::default();
        let mut asked = 0;
        let mut holds = |quiet: &mut Quiet, text: &str| {
            quiet.holds(text.as_bytes(), |text| {
                asked += 1;
                text.contains(&b'!')
            })
        };
        // Nothing is looked up before a piece begins.
        assert!(!holds(&mut quiet, "the poll took 12 ms"));
        quiet.begin();
        for text in [
            "the poll took 12 ms",
            "the poll took 99 ms",
            "the poll took 1 ms",
            "the poll took 7 ms",
        ] {
            assert!(holds(&mut quiet, text), "{text}");
            assert!(!holds(&mut quiet, &(text.to_owned() + "!")), "{text}");
        }
        let too = [0, SHORTEST - 1, LONGEST + 1].map(|length| "x".repeat(length));
        assert!(!too.iter().any(|text| holds(&mut quiet, text)));
        // Two texts of two lengths, and each that is of interest.
        assert_eq!(asked, 2 + 4);
    }

    #[test]
    fn digits_are_alike_wherever_they_stand() {
        for length in SHORTEST..80 {
            for shift in 0..10 {
                let letters = b"0a5/9:~ \xE43";
                let text = |at: usize| letters[(at * 7 + shift) % letters.len()];
                let message: Vec<u8> = (0..length).map(text).collect();
                let mut out = vec![0; length];
                without_digits(&message, &mut out);
                let one = |byte: u8| if byte.is_ascii_digit() { DIGIT } else { byte };
                assert_eq!(out, message.into_iter().map(one).collect::<Vec<u8>>());
            }
        }
    }

    #[test]
    fn what_is_always_new_is_looked_up_seldom() {
        let mut quiet = Quiet::default();
        let mut asked = 0;
        let mut pieces = |quiet: &mut Quiet, text: &dyn Fn(u32) -> String| {
            asked = 0;
            for piece in 0..10 {
                quiet.begin();
                for number in 0..1_000 {
                    let text = text(piece * 1_000 + number);
                    quiet.holds(text.as_bytes(), |_| {
                        asked += 1;
                        false
                    });
                }
            }
            asked
        };
        let letter =
            |number: u32, digit: u32| char::from(b'a' + (number >> (4 * digit) & 15) as u8);
        let letters = |number: u32| (0..20).map(|digit| letter(number, digit % 8)).collect();
        assert_eq!(pieces(&mut quiet, &letters), 1_000 + 9 * LEAST);
        assert_eq!(
            pieces(&mut quiet, &|number| format!(
                "the poll took {number:05} ms"
            )),
            1
        );
    }
}
