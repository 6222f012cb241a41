Rails.application.routes.draw do
  resources :projects, only: [:index, :create, :show, :update] do
    post :archive, on: :member
  end
end
