//! A body that was drawn, and its way to a smaller one. The steps are kept, not
//! the tree that proptest walks, which can't be held while a request is under way.

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use super::fault::bodies;
use super::values::valid;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Valid,
    /// With the fault of this number.
    Fault(usize),
}

/// One drawn body.
pub(crate) struct Draw {
    schema: &'static str,
    source: Source,
    base: Value,
    seed: [u8; 32],
    /// True for simpler, false for back again.
    steps: Vec<bool>,
}

impl Draw {
    /// Draws the same for the same seed.
    pub(crate) fn new(schema: &'static str, source: Source, base: &Value, seed: [u8; 32]) -> Self {
        Self {
            schema,
            source,
            base: base.clone(),
            seed,
            steps: Vec::new(),
        }
    }

    pub(crate) fn current(&self) -> Value {
        self.tree().current()
    }

    /// Goes on to a simpler body where this one still fails, and back towards the
    /// last one where it does not. False when there is nowhere to go.
    pub(crate) fn step(&mut self, fails: bool) -> bool {
        let mut tree = self.tree();
        let moved = match fails {
            true => tree.simplify(),
            false => tree.complicate(),
        };
        if moved {
            self.steps.push(fails);
        }
        moved
    }

    fn tree(&self) -> Box<dyn ValueTree<Value = Value>> {
        let strategy: BoxedStrategy<Value> = match self.source {
            Source::Valid => valid(self.schema, &self.base),
            Source::Fault(number) => bodies(self.schema, number, &self.base),
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &self.seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tree = strategy
            .new_tree(&mut runner)
            .expect("no strategy of a body filters what it draws");
        for &simpler in &self.steps {
            match simpler {
                true => tree.simplify(),
                false => tree.complicate(),
            };
        }
        tree
    }
}
