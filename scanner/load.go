package scanner

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// mostRunnable is how many goroutines may wait for each processor before no dialogue is begun any more.
// Measured with servers that answer at once: more dialogues than the processors can hold only wait for
// each other, in memory that has left the caches.
const mostRunnable = 16

// load tells how many goroutines are ready to run, and have to wait for a processor.
type load struct {
	runnable [1]metrics.Sample
	most     int
}

func newLoad() load {
	l := load{most: mostRunnable * runtime.GOMAXPROCS(0)}
	l.runnable[0].Name = "/sched/goroutines/runnable:goroutines"
	return l
}

// high reports whether those that are ready are more than will run in a moment.
func (l *load) high() bool {
	metrics.Read(l.runnable[:])
	n := l.runnable[0].Value
	return n.Kind() == metrics.KindUint64 && n.Uint64() > uint64(l.most)
}

// hasWorker reports whether one more dialogue may begin: now, or else in a moment.
func (r *run) hasWorker() bool {
	talking := positive(r.scanner.Workers, DefaultWorkers) - r.free
	if r.free > 0 && talking >= r.load.most && r.load.high() {
		r.later = time.After(time.Millisecond)
		return false
	}
	return r.free > 0
}
