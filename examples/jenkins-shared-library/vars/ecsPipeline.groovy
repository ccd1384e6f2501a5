/**
 * From a push to its ECS service, or back to the version that the service ran before: the Jenkinsfile at the top of
 * this repository as one step, for teams with many services.
 *
 *   @Library('ecs-pipeline') _
 *   ecsPipeline(config: 'services/a/ecs-pipeline.yml', strategy: 'canary')
 *
 * | setting       | what it is                                                          | default            |
 * |---------------|---------------------------------------------------------------------|--------------------|
 * | config        | the service's configuration                                         | 'ecs-pipeline.yml' |
 * | branch        | the branch that is deployed                                         | 'main'             |
 * | strategy      | how the new version takes over; the build's parameter goes before it | as configured      |
 * | credentialsId | a key of AWS that Jenkins keeps                                     | the agent's role   |
 * | test          | a shell command: the application's own tests                        | none               |
 * | agent         | the label of the agent                                              | any agent          |
 */
def call(Map settings = [:]) {
  def defaults = [config: 'ecs-pipeline.yml', branch: 'main', strategy: '', credentialsId: '', test: '', agent: '']
  def unknown = settings.keySet() - defaults.keySet()
  if (unknown) {
    error "ecsPipeline has no setting ${unknown}; it has ${defaults.keySet()}"
  }
  def service = defaults + settings

  pipeline {
    agent { label service.agent }

    triggers {
      githubPush()
      pollSCM('H/15 * * * *')
    }

    parameters {
      choice(name: 'STRATEGY', choices: ['', 'rolling', 'blue-green', 'linear', 'canary', 'codedeploy'],
             description: 'How the new version takes over. Empty: as the Jenkinsfile says.')
      string(name: 'IMAGE_TAG', defaultValue: '', trim: true,
             description: 'Deploys this tag, which is in the registry already. Empty: builds one.')
    }

    options {
      disableConcurrentBuilds()
      timeout(time: 4, unit: 'HOURS')
      timestamps()
      buildDiscarder(logRotator(numToKeepStr: '100', artifactNumToKeepStr: '30'))
    }

    environment {
      ECS_PIPELINE_CONFIG = "${service.config}"
      ECS_PIPELINE_STATE = "${env.WORKSPACE}/.ecs-pipeline/${env.BUILD_NUMBER}/state.json"
      ECS_PIPELINE_REPORT_DIR = "${env.WORKSPACE}/.ecs-pipeline/${env.BUILD_NUMBER}/reports"
      // The parameter, or what the Jenkinsfile says.
      DEPLOY_STRATEGY = "${params.STRATEGY ?: service.strategy}"
    }

    stages {
      stage('Test') {
        when { expression { service.test } }
        steps { sh service.test }
      }

      stage('Validate') {
        steps {
          sh 'mkdir -p "$ECS_PIPELINE_REPORT_DIR"'
          sh 'ecs-pipeline validate --format junit --output-file "$ECS_PIPELINE_REPORT_DIR/validate.xml"'
        }
      }

      stage('Deployed branch only') {
        when {
          not { changeRequest() }
          anyOf {
            branch service.branch
            environment name: 'GIT_BRANCH', value: "origin/${service.branch}"
          }
        }
        stages {
          stage('Build') {
            when { expression { !params.IMAGE_TAG } }
            options { timeout(time: 30, unit: 'MINUTES') }
            steps { sh 'ecs-pipeline build' }
          }

          stage('Push') {
            when { expression { !params.IMAGE_TAG } }
            options { timeout(time: 15, unit: 'MINUTES') }
            steps {
              withAws(service.credentialsId) { sh 'ecs-pipeline push' }
            }
          }

          stage('Deploy') {
            options { timeout(time: 45, unit: 'MINUTES') }
            steps {
              withAws(service.credentialsId) {
                sh '''
                  ecs-pipeline deploy --on-abort rollback \\
                    ${DEPLOY_STRATEGY:+--strategy "$DEPLOY_STRATEGY"} ${IMAGE_TAG:+--image "$IMAGE_TAG"}
                '''
              }
            }
          }

          stage('Verify') {
            options { timeout(time: 15, unit: 'MINUTES') }
            steps {
              withAws(service.credentialsId) { sh 'ecs-pipeline gate' }
            }
          }
        }
        post {
          unsuccessful {
            withAws(service.credentialsId) { sh 'ecs-pipeline rollback --this-run' }
          }
        }
      }
    }

    post {
      cleanup {
        junit testResults: ".ecs-pipeline/${env.BUILD_NUMBER}/reports/*.xml", allowEmptyResults: true
        archiveArtifacts artifacts: ".ecs-pipeline/${env.BUILD_NUMBER}/**", allowEmptyArchive: true
        sh 'rm -rf .ecs-pipeline'
      }
    }
  }
}

/** Runs steps with access to AWS: by a key that Jenkins keeps, or else by the role that the agent has. */
def withAws(String credentialsId, Closure body) {
  if (!credentialsId) {
    body()
    return
  }
  withCredentials([usernamePassword(credentialsId: credentialsId,
                                    usernameVariable: 'AWS_ACCESS_KEY_ID',
                                    passwordVariable: 'AWS_SECRET_ACCESS_KEY')]) {
    body()
  }
}
