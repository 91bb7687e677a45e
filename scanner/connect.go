package scanner

import "net"

// Connections begin at an even pace: thousands of packets at once overrun the queues on their way.
const (
	connectRate  = 25_000 // a second
	connectBurst = 256
)

// firstTry is what came of the first connection of a target.
type firstTry struct {
	conn net.Conn
	err  error
}

// connectsAhead reports whether a job's first connection is made before it gets a worker.
func (r *run) connectsAhead(j *job) bool {
	return r.scanner.Connect != nil && j.target.Addr.IsValid() && j.wake == nil
}

// hasPlace reports whether the stage that comes first for a job has a place. Few that are connected
// wait for a worker: a server's patience is short.
func (r *run) hasPlace(j *job) bool {
	if !r.connectsAhead(j) {
		return r.hasWorker()
	}
	few := max(16, positive(r.scanner.Workers, DefaultWorkers)/4)
	return r.waiting < few && r.connecting+r.waiting < positive(r.scanner.MaxConnecting, DefaultConnecting)
}

// connect begins a target's first connection.
func (r *run) connect(j *job) {
	r.goroutines.Add(1)
	r.scanner.Connect(j.scan, j.target, func(conn net.Conn, err error) {
		defer r.goroutines.Done()
		j.first = &firstTry{conn, err}
		r.tell(event{job: j, kind: reached})
	})
}

// connected takes a connection in. Where there is none the probe has its answer already, and needs no
// worker; but a named target is tried again, which takes a while. And where it is us who were short of
// something, the target keeps its place and tries later.
func (r *run) connected(j *job) {
	err := j.first.err
	switch {
	case r.scanner.shortage(j.target.Addr.Addr().Unmap().Is6(), err):
		j.pause = nextPause(j.pause)
		r.goroutines.Go(func() {
			if sleep(j.scan, j.pause) == nil {
				r.tell(event{job: j, kind: again})
			} else {
				r.probe(j)
			}
		})
	case err != nil && !j.target.Named:
		r.giveBack(j)
		r.goroutines.Go(func() { r.probe(j) })
	default:
		r.giveBack(j)
		r.line(j)
	}
}

// taken is the connection made ahead, once.
func (j *job) taken() *firstTry {
	if j == nil {
		return nil
	}
	t := j.first
	j.first = nil
	return t
}

// drop closes a connection that nobody asked for.
func (j *job) drop() {
	if t := j.taken(); t != nil && t.conn != nil {
		_ = t.conn.Close()
	}
}

// dismiss ends the jobs that wait for a worker which they will not get.
func (r *run) dismiss() {
	for j := r.linedUp.pop(); j != nil; j = r.linedUp.pop() {
		j.drop()
		r.leave(j)
		r.live--
	}
}
