package simnet

import "time"

// reply is text on its way to a client.
type reply struct {
	session *session
	due     time.Duration
	text    []byte
	last    bool // the connection is closed after it
}

// queue is the replies that wait, the next one first (container/heap).
type queue []*reply

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due < q[j].due }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(r any)        { *q = append(*q, r.(*reply)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return r
}
