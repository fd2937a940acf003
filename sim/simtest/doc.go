// Package simtest is for testing the engine and policies: a source over a slice, small policies that are right by
// inspection or hostile on purpose, a recorder of events, an oracle that recomputes causes of waiting naively, and a
// scenario test language. It is for tests only: nothing that a simulation needs may import it.
//
// # The language
//
// A script holds cases. A line is a command; # starts a comment; words are separated by spaces. Times and spans are
// numbers with a unit (10s, 1h30m, 5ns) or 0.
//
//	case NAME WORDS...             starts a case; everything up to the next belongs to it
//	node NAME KEY=VALUE...         adds a node: gpus=8 type=A partition=0 cpu=MILLI mem=MIB count=N down cordoned
//	                               count=4 adds four, NAME0 to NAME3
//	policy NAME [every=D] [coalesce=D]
//	                               fifo (the head blocks), greedy (whatever fits, in order), script (see at), or a name
//	                               that the test gives
//	option KEY=VALUE...            horizon=D end=D (where Finish closes the run; default: where it stopped) dropunfit
//	                               strict killatestimate estimates=trace|exact|user-mean|factor:N(millionths)
//	job NAME KEY=VALUE...          the next job of the workload: at=T run=D (or never) gpus=N (placement splits them),
//	                               pods=RxG (R pods of G GPUs; repeated: another role), type=A|B milli=N cpu=MILLI mem=MIB
//	                               (of the role before them), est=D maxrun=D patience=D outcome=finished|failed|cancelled
//	                               after=JOB:ok,JOB:any user=NAME queue=NAME partition=N priority=N recovery=N (or none)
//	initial NAME KEY=VALUE...      a job that is there at instant 0; at= may be negative; running, start=T (negative) and
//	                               on=NODE:FIRST-LAST[,...] make it a running one; done=D evicted=N say what it brings
//	recovery KEY=VALUE...          what an eviction costs: every=D (or never) write=D restore=D grace=D protect=D backoff=D
//	                               lag=D write-each=D restore-each=D (a GPU) hazard=RATE restarts=N retry=D inplace=N restart=D
//	                               notice tail evicted-at; several are numbered from 0, the one of jobs that name none
//	failure at=T for=D NODE        a node fails and comes back; slow=SHARE: it is slow in that time
//	failure found=D crashes=RATE   how long until failures are found; how often jobs crash, a GPU and second
//	market KEY=VALUE... NODE...    spot nodes: bid=N prices=T:N,T:N stock=T:N,T:N (nodes that are to be had) notice=D protect=D
//	change at=T up|down|cordon|uncordon|drain NODE
//	change at=T add NAME KEY=VALUE...
//	at T DECISION...               for policy script: at the first pass at or after T,
//	                               start JOB [on NODE:FIRST-LAST[/MILLI] ...] | preempt JOB [for JOB] [cost D] | reject JOB | timer T
//	                               then DECISION (at the first pass after that of the last line without then);
//	                               and, to be refused: stale JOB (start of an older generation) | other JOB (of another
//	                               partition) | kind JOB (no such decision) | take NODE:F-L (taken, not handed in) |
//	                               range JOB (parts out of the buffer)
//
// and what must come out. Each job that has an expectation must meet all of it; a case without any expectation fails.
//
//	expect JOB KEY=VALUE...        starts=T,T (start=T: exactly one; never: none) end=T outcome=O reason=R evictions=N
//	                               lost=D overhead=D idle=D (of all attempts) by=JOB,JOB (whom its preemptions were for)
//	                               waited=CAUSE:D,CAUSE:D (all causes; none: it never waited) on=NODE:F-L[,...] (what it held when it last ran)
//	expect refused TEXT=N ...      refusals by name, with - for spaces (not-usable=1); all that occur must be listed
//	expect events T WORD...        what happened at an instant, in order: end:JOB queue:JOB start:JOB evict:JOB arrive:JOB
//	                               hold:JOB never:JOB up:NODE down:NODE flags:NODE refuse:JOB stop
//	expect passes T...             the instants of passes; one per pass
//	expect error TEXT              the run fails with an error that contains TEXT
//	expect stop T                  the instant of the stop event
//
// Whatever a case expects, every case is also run a second time in a fork taken halfway, with the oracle beside it: causes
// must sum to the queued time and agree with the naive recomputation, and both runs must give the same events and digest.
package simtest
