// The peer on controller-runtime: one controller with the framework's defaults, told what to do by `krate-bench compare`.
//
// It says on standard output `first TIME` at its first reconcile and `all TIME` once it has seen as many as BENCH_EXPECT
// says (wall clock, nanoseconds). When standard input ends it says `runs N` and, for each update it was shown,
// `update NUMBER TIME`; then it ends.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

type update struct {
	number int64
	seen   int64
}

type reconciler struct {
	client.Client
	expect int

	lock    sync.Mutex
	runs    int
	updates []update
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var item Item
	if err := r.Get(ctx, request.NamespacedName, &item); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := time.Now().UnixNano()
	if r.note(item.Spec.Number, now) && os.Getenv("BENCH_LISTS") != "" {
		for range 5 {
			began := time.Now()
			var items ItemList
			if err := r.List(ctx, &items); err != nil {
				return ctrl.Result{}, err
			}
			fmt.Println("list", time.Since(began).Nanoseconds())
		}
	}
	return ctrl.Result{}, nil
}

// note returns true if the run was the last that is expected.
func (r *reconciler) note(number, now int64) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.runs++
	if r.runs == 1 {
		fmt.Println("first", now)
	}
	if r.runs == r.expect {
		fmt.Println("all", now)
	}
	if number > 0 {
		r.updates = append(r.updates, update{number, now})
	}
	return r.runs == r.expect
}

func (r *reconciler) tell(to io.Writer) {
	r.lock.Lock()
	defer r.lock.Unlock()
	out := bufio.NewWriter(to)
	defer out.Flush()
	fmt.Fprintln(out, "runs", r.runs)
	for _, update := range r.updates {
		fmt.Fprintln(out, "update", update.number, update.seen)
	}
}

func operate() error {
	expect, _ := strconv.Atoi(os.Getenv("BENCH_EXPECT"))
	elect := os.Getenv("BENCH_ELECT")
	ctrl.SetLogger(zap.New())
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return err
	}
	if err := addToScheme(scheme); err != nil {
		return err
	}
	config := ctrl.GetConfigOrDie()
	options := ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		LeaderElection:                elect != "",
		LeaderElectionID:              elect,
		LeaderElectionNamespace:       "default",
		LeaderElectionReleaseOnCancel: true,
	}
	manager, err := ctrl.NewManager(config, options)
	if err != nil {
		return err
	}
	r := &reconciler{Client: manager.GetClient(), expect: expect}
	if err := ctrl.NewControllerManagedBy(manager).For(&Item{}).Complete(r); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctrl.SetupSignalHandler())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		r.tell(os.Stdout)
		stop()
	}()
	return manager.Start(ctx)
}

func main() {
	keys := flag.Int("queue", 0, "measure the queue with so many keys instead")
	rounds := flag.Int("rounds", 101, "how many rounds of the queue")
	flag.Parse()
	if *keys > 0 {
		measureQueue(*keys, *rounds)
		return
	}
	if err := operate(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
