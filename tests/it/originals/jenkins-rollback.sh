aws ecs update-service --cluster my-cluster --service my-service --desired-count 2 --rollback-deployment
