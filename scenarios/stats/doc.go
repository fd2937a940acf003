// Package stats says whether two sets of measurements differ, by how much, and how sure that is: summaries, quantiles,
// intervals, the Wilcoxon signed-rank test, Holm's correction and effect sizes.
//
// It is pure and must never panic on data: no pairs, one pair, ties and differences that are all zero have answers of their
// own ("too few", "no difference seen"). It must never draw from a shared random source: whoever wants a bootstrap gives
// the seed. Nothing here reaches an event time or a decision; gonum's last bits may differ between CPUs.
package stats
