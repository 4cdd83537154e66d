package main

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

// measureQueue adds, takes and finishes keys, and prints the median of a round in nanoseconds.
func measureQueue(keys, rounds int) {
	requests := make([]ctrl.Request, keys)
	for i := range requests {
		name := types.NamespacedName{Namespace: fmt.Sprintf("bench-%d", i%10), Name: fmt.Sprintf("item-%06d", i)}
		requests[i] = ctrl.Request{NamespacedName: name}
	}
	took := make([]int64, rounds)
	for round := range took {
		queue := priorityqueue.New[ctrl.Request]("bench")
		began := time.Now()
		for _, request := range requests {
			queue.Add(request)
		}
		for range requests {
			request, _ := queue.Get()
			queue.Done(request)
		}
		took[round] = time.Since(began).Nanoseconds()
		queue.ShutDown()
	}
	slices.Sort(took)
	fmt.Println(took[rounds/2])
}
