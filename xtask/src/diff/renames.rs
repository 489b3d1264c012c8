//! What is gone and what is new may be one thing under another name. It is told
//! so only where it can be nothing else: same place, same on the wire, and no
//! other candidate on either side.

use super::change::Verdict;
use super::compare::Comparison;

impl Comparison<'_> {
    /// The pairs of `gone` and `new` that are alike, and like nothing else there.
    pub(super) fn renamed<G: Copy, N: Copy>(
        &mut self,
        gone: &[G],
        new: &[N],
        compare: impl Fn(&mut Self, G, N),
    ) -> Vec<(G, N)> {
        let mut alike = Vec::new();
        for (was, &old) in gone.iter().enumerate() {
            for (is, &new) in new.iter().enumerate() {
                if self.differs_in_prose_alone(|comparison| compare(comparison, old, new)) {
                    alike.push((was, is));
                }
            }
        }
        let only = |(was, is): &&(usize, usize)| {
            let candidates = alike.iter().filter(|(a, b)| a == was || b == is);
            candidates.count() == 1
        };
        let renamed = alike.iter().filter(only);
        renamed.map(|&(was, is)| (gone[was], new[is])).collect()
    }

    /// Whether `compare` reports no more than that; what it reports is forgotten.
    fn differs_in_prose_alone(&mut self, compare: impl FnOnce(&mut Self)) -> bool {
        let before = std::mem::take(&mut self.changes);
        compare(self);
        let found = std::mem::replace(&mut self.changes, before);
        let prose = |verdict| verdict == Verdict::Documentation;
        found.iter().all(|change| prose(change.verdict))
    }
}
