// Package probe is what there is to know about open relays, without asking anybody. It does no I/O; package prober
// asks, and package words has the words.
//
//   - The ways to ask a server to relay are the rows of [Vectors], which profiles choose from.
//   - The record of one test is a [Result]: the verdict, its reason and proof, what each vector came to, and the dialogue
//     that shows it. Every report is made from it.
//   - How servers are closed, by server and vector, is in package fixes.
//   - A [Message] that is handed over carries a [Token], by which the catcher knows it again; what it caught is an
//     [Arrival], which a result takes in with [Result.Deliver].
package probe
