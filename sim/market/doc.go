// Package market says what spot nodes cost, and when their market gives and takes them: prices and stock, recorded or drawn, a bid,
// a notice, a protection. It knows no job and no policy, and must never be asked in an order that a policy could change: prices and
// stock follow from the seed and the market alone, so that two policies meet the same ones.
package market
