package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// mostLinks is how long a chain of aliases may be: resolvers follow no more than some ten.
const mostLinks = 16

// AliasesOf returns the names that a host is an alias of, link by link to the last, none for a host that is none. Where
// that cannot be told there is an error, with what is known.
//
// That it is one, the resolver tells, but of all links only one. The DNS has them all: that of the name servers in conf,
// which is the system's if nil. A name of the hosts file is an alias of nobody: what stands there is the word of whoever
// administers this machine.
func AliasesOf(ctx context.Context, r *net.Resolver, conf *dns.ClientConfig, host string) ([]string, error) {
	one, err := r.LookupCNAME(ctx, host)
	if err != nil {
		return nil, err
	}
	one, host = fold(one), fold(host)
	if one == host || one == inHostsFile(ctx, host) {
		return nil, nil
	}
	if conf == nil {
		conf, err = systemConf()
	}
	if err != nil {
		return []string{one}, fmt.Errorf("of the names that it is an alias of only one is known: %w", err)
	}
	return chain(ctx, conf, host, one)
}

// inHostsFile is the first name of the line of the hosts file that a host stands in, "" where there is none.
func inHostsFile(ctx context.Context, host string) string {
	alone := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errNotAsked }}
	first, _ := alone.LookupCNAME(ctx, host)
	return fold(first)
}

var errNotAsked = errors.New("no name server is asked")

// systemConf is what the system's resolver goes by. Where no search domain is named, this machine's domain is one.
func systemConf() (*dns.ClientConfig, error) {
	conf, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	if len(conf.Search) == 0 {
		name, _ := os.Hostname()
		_, domain, _ := strings.Cut(name, ".")
		conf.Search = []string{domain}
	}
	conf.Search = slices.DeleteFunc(conf.Search, func(domain string) bool { return strings.Trim(domain, ".") == "" }) // "search ." is none
	return conf, nil
}

// chain asks for the links behind a host, of which one is known. The host itself, with a search domain behind it, is no
// alias.
func chain(ctx context.Context, conf *dns.ClientConfig, host, one string) ([]string, error) {
	names := conf.NameList(host)
	if slices.Contains(names, dns.Fqdn(one)) {
		return nil, nil
	}
	var last error
	for _, name := range names {
		links, err := follow(ctx, conf, fold(name))
		switch {
		case err != nil:
			last = err
		case slices.Contains(links, one):
			return links, nil
		case len(links) > 0:
			return append(links, one), last
		}
	}
	return []string{one}, cmp.Or(last, errUntold)
}

var (
	errNoEnd  = errors.New("the chain of its aliases has no end")
	errUntold = errors.New("the name servers do not tell the chain of its aliases")
)

// follow asks for the next links until there are none. A resolver tells them all at once, and is asked once more for
// what is behind the last.
func follow(ctx context.Context, conf *dns.ClientConfig, name string) (links []string, err error) {
	for range mostLinks {
		next, err := ask(ctx, conf, name)
		if err != nil {
			return nil, err
		}
		if next[name] == "" {
			return links, nil
		}
		for to := next[name]; to != "" && len(links) < mostLinks; to = next[name] {
			links, name = append(links, to), to
		}
	}
	return nil, errNoEnd
}

// ask returns the aliases in the answer to the question for a host's address.
func ask(ctx context.Context, conf *dns.ClientConfig, name string) (next map[string]string, err error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA)
	err = errors.New("no name server is known")
	for _, server := range conf.Servers {
		var answer *dns.Msg
		for _, network := range []string{"udp", "tcp"} { // the second where the answer does not fit into a packet
			answer, _, err = (&dns.Client{Net: network, Timeout: patience}).ExchangeContext(ctx, question, net.JoinHostPort(server, conf.Port))
			if err != nil || !answer.Truncated {
				break
			}
		}
		if err == nil && answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
			err = fmt.Errorf("a name server says %s to what it is an alias of", dns.RcodeToString[answer.Rcode])
		}
		if err != nil {
			continue
		}
		next = map[string]string{}
		for _, rr := range answer.Answer {
			if link, ok := rr.(*dns.CNAME); ok {
				next[fold(link.Hdr.Name)] = fold(link.Target)
			}
		}
		return next, nil
	}
	return nil, err
}
