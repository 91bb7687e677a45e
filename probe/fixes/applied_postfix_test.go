package fixes_test

var postfixApplied = []applied{
	{mta: "Postfix", vector: "plain", config: "postfix-open"},
	{mta: "Postfix", vector: "plain-com", config: "postfix-relays-com"},
}
