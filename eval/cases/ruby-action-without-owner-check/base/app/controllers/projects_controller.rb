class ProjectsController < ApplicationController
  before_action :require_login
  before_action :find_project, except: [:index, :create]
  before_action :require_owner, only: [:update, :archive]

  def index
    render json: current_user.projects.order(:name)
  end

  def create
    project = current_user.owned_projects.create!(project_params)
    render json: project, status: :created
  end

  def show
    render json: @project
  end

  def update
    @project.update!(project_params)
    render json: @project
  end

  def archive
    @project.update!(archived_at: Time.current)
    head :no_content
  end

  private

  def find_project
    @project = current_user.projects.find(params[:id])
  end

  def require_owner
    head :forbidden unless @project.owner_id == current_user.id
  end

  def project_params
    params.require(:project).permit(:name, :description)
  end
end
