// Package wire speaks SMTP to one server, one reply at a time, and remembers what was said.
//
// A client for delivering mail may guess at what a broken server meant; a client for judging one may
// not. Three rules follow. Everything is bounded: a line, a reply, a session, the time for each, and the
// memory for all of them. Anything but a well-formed reply poisons the connection: it is closed, and nothing
// is sent on it again, since a late reply read as the answer to the next command would be a false verdict. And
// what was said is kept byte for byte as a [dialogue.Transcript], the evidence for whatever is concluded; of a reply that
// is longer than any real one, the beginning is kept, and says how much is left out.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"openrelay/probe/dialogue"
)

// What ends a conversation. Every error of a [Conn] wraps one of these or the context's error.
var (
	ErrTimeout   = errors.New("no reply in time")
	ErrClosed    = errors.New("connection closed by the server")
	ErrReset     = errors.New("connection reset by the server")
	ErrTruncated = errors.New("connection ended inside a reply")
	ErrNotSMTP   = errors.New("not an SMTP reply")
	ErrTooLong   = errors.New("reply beyond all limits")
	ErrUnasked   = errors.New("server spoke out of turn")
	ErrTLS       = errors.New("TLS handshake failed")
	ErrClosing   = errors.New("server closed the session with 421")
	ErrOver      = errors.New("conversation is over")
)

// errTimeUp is the end of the session or of the context, in words for a transcript.
var errTimeUp = fmt.Errorf("the time for this server is up: %w", context.DeadlineExceeded)

// Bounds on what a server may make us hold. RFC 5321 4.5.3.1.5 allows a reply line 512 octets; real
// ones are longer, and the longest real EHLO lists stay under 4 KB.
const (
	maxLine    = 2 << 10
	maxReply   = 16 << 10
	maxLines   = 500
	maxSession = 1 << 20
)

// SlowReply is how long a reply may take before it counts as slow.
const SlowReply = 2 * time.Second

// Limits bound the time a server may take, and the memory. Zero means the default.
type Limits struct {
	Greeting time.Duration // for the greeting; 30 s by default, since servers delay it on purpose
	Reply    time.Duration // for any other reply; 60 s by default
	Session  time.Duration // for the whole conversation; unlimited by default

	Room *Room // for what the server says; by default that of this conversation alone
}

// Conn is a conversation with one server. It is not safe for concurrent use.
type Conn struct {
	nc     net.Conn
	in     intake
	limits Limits
	room   *Room
	state  *tls.ConnectionState // nil in clear
	until  time.Time            // end of the session, zero for none
	ctx    context.Context      // whose end ends any wait; see arm
	stop   func() bool          // unwatches ctx
	limit  time.Duration        // how long the wait that comes next may take
	timed  bool                 // it has begun, and the connection knows when it ends
	cut    bool                 // it ends before that, with the session or the context
	began  time.Time            // when the wait for this reply began; zero where it was there already
	log    []dialogue.Line
	texts  []string      // of replies, which hold pieces of it
	unsaid []string      // commands sent whose replies are still to be read, oldest first, CR LF included
	seen   int           // bytes received
	slow   int           // replies to commands that took over two seconds
	pace   time.Duration // the longest wait for a reply
	worst  time.Duration // the longest for one to a command
	held   bool          // see Held
	err    error         // why the conversation is over
}

// New starts a conversation on a connection that was just made. Nothing is sent or read yet.
func New(nc net.Conn, l Limits) *Conn {
	if l.Greeting == 0 {
		l.Greeting = 30 * time.Second
	}
	if l.Reply == 0 {
		l.Reply = 60 * time.Second
	}
	if l.Room == nil {
		l.Room = new(Room)
	}
	c := &Conn{nc: nc, limits: l, room: l.Room, log: make([]dialogue.Line, 0, 16)}
	if l.Session > 0 {
		c.until = time.Now().Add(l.Session)
	}
	return c
}

// Over is a conversation that is known by its transcript alone: it can be looked up, and nothing can be said.
func Over(said dialogue.Transcript) *Conn { return &Conn{log: said, err: ErrOver} }

// Greeting reads the server's first reply.
func (c *Conn) Greeting(ctx context.Context) (dialogue.Reply, error) {
	replies, err := c.exchange(ctx, nil, 1, c.limits.Greeting)
	return first(replies), err
}

// Cmd sends line, exactly these bytes and CR LF, and reads the reply.
func (c *Conn) Cmd(ctx context.Context, line string) (dialogue.Reply, error) {
	replies, err := c.exchange(ctx, []string{line}, 1, c.limits.Reply)
	return first(replies), err
}

// Batch sends lines in one write (RFC 2920; only where the server advertised PIPELINING) and reads
// their replies. It returns those that came, in order, also beside an error.
func (c *Conn) Batch(ctx context.Context, lines []string) ([]dialogue.Reply, error) {
	return c.exchange(ctx, lines, len(lines), c.limits.Reply)
}

// Hello introduces us as name: EHLO, or HELO where the server refuses that (RFC 5321 3.2). The reply
// is that of the last command sent; extended says that it was EHLO.
func (c *Conn) Hello(ctx context.Context, name string) (r dialogue.Reply, extended bool, err error) {
	r, err = c.Cmd(ctx, "EHLO "+name)
	if err != nil || r.Code < 500 {
		return r, true, err
	}
	r, err = c.Cmd(ctx, "HELO "+name)
	return r, false, err
}

// Message sends data after a 354, dot and all (RFC 5321 4.1.1.4), and reads the reply. The transcript
// tells how much it was, not what.
func (c *Conn) Message(ctx context.Context, data []byte) (dialogue.Reply, error) {
	if err := c.send(ctx, data); err != nil {
		return dialogue.Reply{}, err
	}
	c.Note("handed over a message of %d bytes", len(data))
	if err := c.arm(ctx, max(c.limits.Reply, messageTime)); err != nil {
		return dialogue.Reply{}, c.fail(err)
	}
	return c.reply(false, 1)
}

// messageTime is the least that a server has for a message: it may be looking at it (RFC 5321
// 4.5.3.2.6 allows ten minutes).
const messageTime = 2 * time.Minute

// send writes bytes that are no command.
func (c *Conn) send(ctx context.Context, b []byte) error {
	if c.err != nil {
		return c.err
	}
	if err := c.arm(ctx, c.limits.Reply); err != nil {
		return c.fail(err)
	}
	c.await()
	if _, err := c.nc.Write(b); err != nil {
		return c.fail(c.explain(err))
	}
	return nil
}

// Raw sends bytes that are no command, such as a PROXY header, before the greeting is read.
func (c *Conn) Raw(ctx context.Context, b []byte) error {
	c.log = append(c.log, dialogue.Line{From: dialogue.Client, Data: string(b)})
	return c.send(ctx, b)
}

// Quiet waits for d to see that the server says nothing more unasked. What it says ends the
// conversation (ErrUnasked).
func (c *Conn) Quiet(ctx context.Context, d time.Duration) error {
	if c.err != nil || !c.hears(ctx, d) {
		return c.err
	}
	c.heard(c.in.rest())
	return c.fail(ErrUnasked)
}

// Quit says goodbye and closes. The error is ErrUnasked if the server has said more than it was asked:
// then replies and commands did not pair, and no answer of this conversation can be trusted.
func (c *Conn) Quit(ctx context.Context) error {
	if c.err != nil {
		return nil
	}
	if _, err := c.exchange(ctx, []string{"QUIT"}, 0, c.limits.Reply); errors.Is(err, ErrUnasked) {
		return err
	} else if err != nil {
		return nil // gone before we were
	}
	return c.farewell(ctx)
}

// Leave is Batch with QUIT behind the lines in the same write, as RFC 2920 3.1 allows, and closes. It saves
// a round trip; but Exim takes 200 ms over its goodbye, and holds back every reply before it: see Held. The QUIT is
// written behind the lines, if there is room.
func (c *Conn) Leave(ctx context.Context, lines []string) ([]dialogue.Reply, error) {
	before := c.pace
	replies, err := c.exchange(ctx, append(lines, "QUIT"), len(lines), c.limits.Reply)
	c.held = c.pace-before > 100*time.Millisecond
	if err != nil || c.err != nil { // a 421 that answers the last line is no error: see Err
		return replies, err
	}
	return replies, c.farewell(ctx)
}

// Held reports whether Leave seems to have made the server hold its replies back.
func (c *Conn) Held() bool { return c.held }

// goodbye is how long the reply to QUIT is waited for: twice as long as the slowest reply took, within
// bounds. It matters only as a check that all replies before it paired: out of step, they come early,
// and one more arrives in place of the goodbye.
func (c *Conn) goodbye() time.Duration {
	return min(max(2*c.pace, 20*time.Millisecond), time.Second)
}

// farewell reads the reply to QUIT, if it comes soon, and closes. Nobody refuses a QUIT (RFC 5321
// 4.1.1.10), but with a 421, which may answer anything; so a refusal was the answer to something
// earlier, and so was an agreement other than 221 with one more reply behind it.
func (c *Conn) farewell(ctx context.Context) error {
	defer c.close(ErrOver)
	c.said()
	if !c.hears(ctx, c.goodbye()) {
		return nil
	}
	r, err := c.readReply(ofReply)
	if err != nil || r.Code == 221 || r.Code == 421 || r.Positive() && !c.hears(ctx, time.Second) {
		return nil
	}
	return c.fail(ErrUnasked)
}

// hears reports whether the server says anything within d.
func (c *Conn) hears(ctx context.Context, d time.Duration) bool {
	return c.arm(ctx, d) == nil && c.arrive() == nil
}

// Close closes at once. It may be called more than once.
func (c *Conn) Close() { c.close(ErrOver) }

// Hangup closes at once, in the middle of whatever was going on, and notes why.
func (c *Conn) Hangup(why string) {
	c.Note("%s", why)
	c.close(ErrOver)
}

// Note adds a remark of ours to the transcript.
func (c *Conn) Note(format string, args ...any) {
	c.log = append(c.log, dialogue.Line{From: dialogue.Note, Data: fmt.Sprintf(format, args...)})
}

// Mark returns a position in the transcript, for Since.
func (c *Conn) Mark() int { return len(c.log) }

// Since returns what was said since mark; Since(0) is everything. What has been said does not change.
func (c *Conn) Since(mark int) dialogue.Transcript {
	return dialogue.Transcript(slices.Clip(c.log[mark:]))
}

// Said returns the exchange that stands at at: the command, what we noted, the reply.
func (c *Conn) Said(at dialogue.Span) dialogue.Transcript {
	return dialogue.Transcript(slices.Clip(c.log[at.At:at.End]))
}

// Slow returns how many replies to commands took longer than [SlowReply].
func (c *Conn) Slow() int { return c.slow }

// Slowest returns how long the slowest reply to a command took.
func (c *Conn) Slowest() time.Duration { return c.worst }

// Err returns why the conversation is over, nil while it goes on.
func (c *Conn) Err() error { return c.err }

// Broken returns why the conversation ended, if it was not we who ended it.
func (c *Conn) Broken() error {
	if errors.Is(c.err, ErrOver) {
		return nil
	}
	return c.err
}

// LocalAddr is our end of the connection.
func (c *Conn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

func first(replies []dialogue.Reply) dialogue.Reply {
	if len(replies) == 0 {
		return dialogue.Reply{}
	}
	return replies[0]
}

// said moves the oldest unanswered command into the transcript, before its reply.
func (c *Conn) said() {
	c.log = append(c.log, dialogue.Line{From: dialogue.Client, Data: c.unsaid[0]})
	c.unsaid = c.unsaid[1:]
}

func (c *Conn) heard(s string) {
	c.seen += len(s)
	c.log = append(c.log, dialogue.Line{From: dialogue.Server, Data: s})
}

// fail poisons the connection. What was sent and not answered is shown as such.
func (c *Conn) fail(err error) error {
	for len(c.unsaid) > 0 {
		c.said()
	}
	if !errors.Is(err, ErrClosing) {
		c.Note("%v", err)
	}
	c.close(err)
	return err
}

func (c *Conn) close(why error) {
	if c.err == nil {
		c.err = why
	}
	c.unwatch()
	c.stop = nil
	_ = c.nc.Close() // nothing more is expected of it
	if tc, ok := c.nc.(*tls.Conn); ok {
		c.nc = tc.NetConn() // the other holds what it has decrypted, up to 32 kB
	}
	c.in.release()
}
