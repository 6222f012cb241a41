package probe

import (
	"context"
	"net/http"
	"time"
)

// Result of asking one address.
type Result struct {
	Address string
	Healthy bool
	Took    time.Duration
}

// Ask sends one request. It has the client's time-out.
func Ask(ctx context.Context, client *http.Client, address string) Result {
	started := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Result{Address: address}
	}
	response, err := client.Do(request)
	if err != nil {
		return Result{Address: address, Took: time.Since(started)}
	}
	defer response.Body.Close()
	return Result{Address: address, Healthy: response.StatusCode < 500, Took: time.Since(started)}
}
