package gate

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Gate hands each request on to one replica.
type Gate struct {
	Client   *http.Client
	Replicas []string
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(g.Replicas[0])
	if err != nil {
		http.Error(w, "no replica", http.StatusBadGateway)
		return
	}
	httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
}
