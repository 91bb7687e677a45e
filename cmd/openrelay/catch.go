package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/errno"
	"openrelay/probe/netaddr"
	"openrelay/report"
	"openrelay/scanner/catcher"
)

// catchFlags is what `catch` takes.
type catchFlags struct {
	listen    string
	domain    string
	key       string
	cert, tls string
	contact   string
	format    string
	output    string
}

func catchCommand(u *ui) *cobra.Command {
	var f catchFlags
	cmd := &cobra.Command{
		Use:   "catch --domain DOMAIN --key FILE",
		Short: "Wait for the messages of a scan, as the mail server they are sent to",
		Long:  catchHelp(),
		Example: `  openrelay catch --domain relaytest.example.org --key catch.key --output caught.jsonl
  openrelay catch --listen 127.0.0.1:2525 --domain relaytest.example.org --key catch.key`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.output = u.files.of("output")[0]
			return runCatch(cmd.Context(), u, f)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.domain, "domain", "", "`DOMAIN` to catch mail for")
	fs.StringVar(&f.key, "key", "", "`FILE` with the key that the scan has too; made if there is none")
	fs.StringVar(&f.listen, "listen", ":25", "`ADDRESS` to listen on")
	fs.StringVar(&f.cert, "cert", "", "`FILE` with a certificate (PEM), to offer STARTTLS")
	fs.StringVar(&f.tls, "tls-key", "", "`FILE` with its private key (PEM)")
	fs.StringVar(&f.contact, "contact", "", "`ADDRESS` of yours, told to people whose mail is refused")
	fs.StringVar(&f.format, "format", "jsonl", "`NAME` of the format of the messages, see above")
	fs.StringVarP(&f.output, "output", "o", "-", "`FILE` to add the messages to")
	return cmd
}

func catchHelp() string {
	var b help
	b.WriteString(`Wait for the messages that "openrelay scan --proof deliver" sends: run it on the mail
host of the domain they are for. It takes nothing but messages marked with the key,
refuses everything else, relays and stores nothing, and needs no other mail server.

Each message that arrives is one JSON line, for "openrelay report --deliveries FILE".
Give the scan the same key: --catch-key FILE. Runs until it is interrupted.
`)
	listFormats(&b, 5, report.Deliveries)
	return strings.TrimSuffix(b.String(), "\n")
}

// runCatch checks everything before it listens, and then serves until it is interrupted.
func runCatch(ctx context.Context, u *ui, f catchFlags) error {
	format, err := report.Deliveries.Find(f.format)
	if err != nil {
		return &usageError{err.Error(), "openrelay catch --format " + report.Deliveries.Meant(f.format) + " --domain relaytest.example.org --key catch.key"}
	}
	c, err := f.catcher(u)
	if err != nil {
		return err
	}
	// What is there already stays: a catcher is started again and again, and each message arrives only once.
	out, err := output(f.output, u.stdout, extend, f.elsewhere())
	if err != nil {
		return err
	}
	return errors.Join(f.serve(ctx, u, c, format.New(out, u.look(f.output))), out.Close())
}

// elsewhere is the command line with another file for what is caught.
func (f *catchFlags) elsewhere() string {
	return "openrelay catch --domain " + f.domain + " --key " + f.key + " --output caught.jsonl"
}

// holdsDeliveries says why a file is not one to add deliveries to; nil for one that is not there yet, or empty.
func holdsDeliveries(name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil // opening it will tell
	}
	file, err := os.Open(name)
	if err != nil {
		return reason(err)
	}
	defer file.Close()
	next, stop := iter.Pull2(report.ReadDeliveries(file))
	defer stop()
	_, err, _ = next() // the first tells what the others are
	return err
}

// serve listens and writes what is caught, until ctx ends or that fails.
func (f *catchFlags) serve(ctx context.Context, u *ui, c *catcher.Catcher, out report.Writer[probe.Arrival]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.Caught = func(a probe.Arrival) error {
		err := out.Write(a)
		if err != nil {
			cancel(fmt.Errorf("cannot write what was caught: %w", err))
		}
		return err
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return cannotListen(f.listen, fmt.Sprintf("openrelay catch --listen :2525 --domain %s --key %s", f.domain, f.key), err)
	}
	name, text := catcher.Record(c.Key, c.Domain)
	u.say("catching mail for %s on %s; Ctrl-C ends it", c.Domain, l.Addr())
	u.say("%s agrees to get messages of this key where this is its mail host; where it is not, publish:", c.Domain)
	u.say("  %s. TXT %q", name, text)
	err = c.Serve(ctx, l)
	n := c.Counts()
	u.say("messages caught: %d, come again: %d, refused: %d; connections turned away: %d", n.Caught, n.Again, n.Refused, n.TurnedAway)
	if failed := context.Cause(ctx); failed != nil && !errors.Is(failed, context.Canceled) {
		return failed
	}
	return errors.Join(err, out.Close())
}

// catcher makes the catcher that the flags describe.
func (f *catchFlags) catcher(u *ui) (*catcher.Catcher, error) {
	ascii, noDomain := netaddr.ASCII(f.domain)
	c := &catcher.Catcher{Domain: strings.ToLower(strings.TrimSuffix(ascii, ".")), Contact: f.contact}
	switch {
	case f.domain == "":
		return nil, &usageError{"no domain to catch mail for", "openrelay catch --domain relaytest.example.org --key catch.key"}
	case noDomain != nil:
		return nil, noName("--domain", f.domain, "is not a domain", noDomain, "openrelay catch %s --key catch.key", "relaytest.example.org")
	case f.key == "":
		return nil, &usageError{"no key: messages could not be told from anybody's", "openrelay catch --domain " + c.Domain + " --key catch.key"}
	case (f.cert == "") != (f.tls == ""):
		return nil, &usageError{"--cert and --tls-key belong together", "openrelay catch --domain " + c.Domain + " --key catch.key --cert mx.pem --tls-key mx.key"}
	}
	if f.cert != "" {
		pair, err := f.pair()
		if err != nil {
			return nil, &usageError{fmt.Sprintf("cannot use the certificate: %v", err), ""}
		}
		c.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10} // old relays relay too, and nothing is secret
	}
	if err := holdsDeliveries(f.output); err != nil && f.format == "jsonl" { // before a key is made
		return nil, badResults(f.output, err, f.elsewhere())
	}
	key, fresh, err := loadKey(f.key)
	if err == nil && fresh {
		err = saveKey(f.key, key)
	}
	if err != nil {
		return nil, err
	}
	if fresh {
		u.say("made a new key in %s; the scan needs it too", f.key)
	}
	c.Key = key
	return c, nil
}

// pair reads the certificate and its key.
func (f *catchFlags) pair() (tls.Certificate, error) {
	cert, err := readSmall(f.cert, mostCertificates, "which are no certificates")
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%q: %w", f.cert, err)
	}
	key, err := readSmall(f.tls, mostSecret, "which is no key")
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%q: %w", f.tls, err)
	}
	return tls.X509KeyPair(cert, key)
}

// cannotListen says what to do about a port that cannot be had: again is the command line with another.
func cannotListen(listen, again string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return &usageError{fmt.Sprintf("cannot listen on %s: ports below 1024 need root, or CAP_NET_BIND_SERVICE", listen), "sudo " + strings.Replace(again, ":2525", listen, 1)}
	case errno.Is(err, syscall.EADDRINUSE):
		return &usageError{fmt.Sprintf("cannot listen on %s: something else does, most likely a mail server", listen), again + "  (and have that server, or the firewall, hand mail for the domain on to it)"}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return &usageError{fmt.Sprintf("cannot listen on %q: %v", listen, err), again}
}
