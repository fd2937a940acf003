// Package quota keeps the books of a quota tree: what each queue may use, what it uses, and whether one more request fits.
// Its rules are those of Volcano's capacity plugin, of Kueue's cohorts, or of PAI's quotas (docs/queues.md has the table of
// what each field means under each); the engine charges what starts and releases what ends, policies ask and may try.
//
// A request belongs to a class: who asks (queue, user, priority range) for how much. Whether a class fits is kept up to date
// as accounts change, so that asking costs nothing and nothing is scanned to find out what may go on.
//
// It must never know about time, nodes or placement, and must never lose a charge: every account is the exact sum of what
// was charged to it, and undoing gives back the very same books.
package quota
