package trace

import (
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// parseStamp reads "2023-03-01 00:18:22" (or with a T), with an optional fraction and an optional offset (Z, +08:00,
// +0800, " UTC"), as nanoseconds since 1970. Without an offset the time is local to loc.
func parseStamp(b []byte, loc *time.Location) (state.Time, bool) {
	if len(b) < 16 || b[4] != '-' || b[7] != '-' || b[10] != ' ' && b[10] != 'T' || b[13] != ':' {
		return 0, false
	}
	var v [6]int
	for i, cut := range [5][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}} {
		n, ok := digits(b[cut[0]:cut[1]])
		if !ok {
			return 0, false
		}
		v[i] = n
	}
	rest, nanos, ok := clockRest(b[16:], &v[5])
	if !ok || v[0] < 1970 || v[0] > 2200 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > daysIn(v[0], v[1]) ||
		v[3] > 23 || v[4] > 59 || v[5] > 59 {
		return 0, false
	}
	offset, has, ok := zoneOffset(rest)
	if !ok {
		return 0, false
	}
	if !has && loc != time.UTC {
		return state.Time(time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], nanos, loc).UnixNano()), true
	}
	secs := int64(daysSince1970(v[0], v[1], v[2]))*86400 + int64(v[3]*3600+v[4]*60+v[5]-offset)
	return state.Time(secs*1_000_000_000 + int64(nanos)), true
}

// clockRest reads ":22" and ".123456" behind hours and minutes; both may be absent.
func clockRest(b []byte, sec *int) (rest []byte, nanos int, ok bool) {
	if len(b) == 0 || b[0] != ':' {
		return b, 0, true
	}
	if len(b) < 3 {
		return nil, 0, false
	}
	if *sec, ok = digits(b[1:3]); !ok {
		return nil, 0, false
	}
	b = b[3:]
	if len(b) == 0 || b[0] != '.' {
		return b, 0, true
	}
	unit, i := 100_000_000, 1
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		nanos += int(b[i]-'0') * unit
		unit /= 10
	}
	return b[i:], nanos, i > 1
}

// zoneOffset reads an offset in seconds east of UTC.
func zoneOffset(b []byte) (offset int, has, ok bool) {
	switch string(b) {
	case "":
		return 0, false, true
	case "Z", " UTC", "UTC":
		return 0, true, true
	}
	if b[0] != '+' && b[0] != '-' || len(b) < 3 {
		return 0, false, false
	}
	h, ok := digits(b[1:3])
	m := 0
	if rest := b[3:]; ok && len(rest) > 0 {
		if rest[0] == ':' {
			rest = rest[1:]
		}
		if len(rest) != 2 {
			return 0, false, false
		}
		m, ok = digits(rest)
	}
	if !ok || h > 18 || m > 59 {
		return 0, false, false
	}
	offset = h*3600 + m*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true, true
}

func digits(b []byte) (int, bool) {
	v := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, len(b) > 0
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func daysIn(y, m int) int {
	if m == 2 && leap(y) {
		return 29
	}
	return [...]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m]
}

// daysSince1970 counts days of the proleptic Gregorian calendar.
func daysSince1970(y, m, d int) int {
	before := y - 1
	n := before*365 + before/4 - before/100 + before/400 - 719162
	for i := 1; i < m; i++ {
		n += daysIn(y, i)
	}
	return n + d - 1
}
