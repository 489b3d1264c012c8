//! The maintainers' bench.

mod document;
mod generate;
mod process;

fn main() -> anyhow::Result<()> {
    generate::run()
}
