//! One benchmark per stage, and one from end to end.

mod made_up;

fn main() {
    divan::main();
}
