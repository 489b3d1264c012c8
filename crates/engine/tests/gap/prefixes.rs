//! Routes are found where they are reached, however they hang together.

use crate::{Copy, analyse};

fn units(files: &[(&str, &str)]) -> Vec<String> {
    let copy = Copy::empty();
    for (file, text) in files {
        copy.write(file, text);
    }
    let mut units: Vec<String> = analyse(copy.path())
        .gaps
        .into_iter()
        .map(|gap| gap.unit)
        .collect();
    units.sort();
    units.dedup();
    units
}

#[test]
fn routers_that_are_chained_keep_their_prefix() {
    let found = units(&[
        (
            "main.ts",
            "import express from 'express';\nimport routes from './routes';\nconst app = express();\napp.use(routes);\n",
        ),
        (
            "routes.ts",
            "import { Router } from 'express';\nimport tags from './tags';\nconst api = Router().use(tags);\nexport default Router().use('/api', api);\n",
        ),
        (
            "tags.ts",
            "import { Router } from 'express';\nconst router = Router();\nrouter.get('/tags', async (req, res) => res.json([]));\nexport default router;\n",
        ),
    ]);
    assert_eq!(found, ["GET /api/tags"]);
}

#[test]
fn an_index_that_passes_routers_on_is_seen_through() {
    let found = units(&[
        (
            "app.js",
            "import express from 'express';\nimport { tags } from './routes';\nconst app = express();\napp.use('/v2/tags', tags);\n",
        ),
        (
            "routes/index.js",
            "export { default as tags } from './tags';\n",
        ),
        (
            "routes/tags.js",
            "import { Router } from 'express';\nconst router = Router();\nrouter.get('/', (req, res) => res.end());\nexport default router;\n",
        ),
    ]);
    assert_eq!(found, ["GET /v2/tags"]);
}

#[test]
fn a_router_that_is_mounted_on_itself_ends() {
    let found = units(&[(
        "app.js",
        "const express = require('express');\nconst a = express.Router();\nconst b = express.Router();\na.use('/b', b);\nb.use('/a', a);\na.get('/x', (req, res) => res.end());\n",
    )]);
    assert_eq!(found.len(), 1);
}

#[test]
fn go_groups_are_handed_to_functions_of_other_packages() {
    let found = units(&[
        (
            "main.go",
            "package main\n\nimport (\n\t\"example.com/x/users\"\n\t\"github.com/gin-gonic/gin\"\n)\n\nfunc main() {\n\tr := gin.Default()\n\tv1 := r.Group(\"/api\")\n\tusers.Register(v1.Group(\"/users\"))\n}\n",
        ),
        (
            "users/users.go",
            "package users\n\nimport \"github.com/gin-gonic/gin\"\n\nfunc Register(router *gin.RouterGroup) {\n\trouter.GET(\"/:name\", show)\n}\n\nfunc show(c *gin.Context) {}\n",
        ),
    ]);
    assert_eq!(found, ["GET /api/users/:name"]);
}

#[test]
fn rails_verbs_in_a_resource_hang_on_what_the_block_says() {
    let found = units(&[(
        "config/routes.rb",
        "Rails.application.routes.draw do\n  resources :posts, only: [] do\n    post \"upvote\"\n    get :preview, on: :member\n    collection { get :recent }\n  end\n  scope \"/api\", module: \"api\" do\n    resource :profile, only: [:show]\n  end\nend\n",
    )]);
    assert_eq!(
        found,
        [
            "GET /api/profile",
            "GET /posts/:id/preview",
            "GET /posts/recent",
            "POST /posts/:post_id/upvote",
        ]
    );
}

#[test]
fn a_prefix_that_is_computed_leaves_the_beginning_open() {
    let copy = Copy::empty();
    copy.write(
        "main.py",
        "from fastapi import APIRouter, FastAPI\nfrom config import settings\nrouter = APIRouter()\n\n@router.post('/users')\ndef create():\n    return 1\n\napp = FastAPI()\napp.include_router(router, prefix=settings.API)\n",
    );
    assert!(copy.is_gap("POST /users"));
    copy.write(
        "test_main.py",
        "def test_create(client):\n    client.post(f'{settings.API}/users')\n",
    );
    assert!(!copy.is_gap("POST /users"));
    copy.write(
        "test_main.py",
        "def test_create(client):\n    client.post('/anything/v1/users')\n",
    );
    assert!(!copy.is_gap("POST /users"));
}

#[test]
fn a_client_of_the_api_declares_no_routes() {
    let found = units(&[(
        "client.ts",
        "import axios from 'axios';\nconst api = axios.create();\nexport async function load() {\n  const { data } = await api.get('/users', { params: {} });\n  await api.post('/users', data);\n  return data;\n}\n",
    )]);
    assert_eq!(found, ["load"]);
}

#[test]
fn routes_of_a_router_in_the_browser_are_pages() {
    let found = units(&[
        (
            "App.jsx",
            "import { Route, Routes } from 'react-router-dom';\nimport { Login } from './Login';\nconst App = () => <Routes><Route path=\"/login\" element={<Login />} /></Routes>;\n",
        ),
        (
            "Login.jsx",
            "export function Login() {\n  return <Form><form onSubmit={send}><input name=\"email\" /><Button>Cancel</Button><Button type=\"submit\">Log in</Button></form></Form>;\n}\n",
        ),
        (
            "routes/signup.tsx",
            "export const Route = createFileRoute('/_layout/signup')({\n  component: SignUp,\n});\nfunction SignUp() { return <p>Join</p>; }\n",
        ),
    ]);
    assert_eq!(
        found,
        ["form \"Log in\" on /login", "page /login", "page /signup"]
    );
}

#[test]
fn django_patterns_may_be_written_inside_one_another() {
    let found = units(&[
        (
            "shop/urls.py",
            "from django.urls import include, path, re_path\nfrom rest_framework.routers import DefaultRouter\nfrom shop import views\n\napi = DefaultRouter()\napi.register('orders', views.OrderViewSet)\n\nurlpatterns = [\n    re_path(r'^api/', include([\n        path('auth/', include(([path('login/', views.login, name='login')], 'auth'), namespace='auth')),\n        path('ping/', views.ping),\n        path('accounts/', include('allauth.headless.urls')),\n        *api.urls,\n    ])),\n    path('about/', views.about),\n]\n",
        ),
        (
            "shop/views.py",
            "from rest_framework import viewsets\n\nclass OrderViewSet(viewsets.ReadOnlyModelViewSet):\n    pass\n\ndef login(request):\n    return request.POST['password']\n\ndef ping(request):\n    return 1\n\ndef about(request):\n    return 1\n",
        ),
    ]);
    let routes: Vec<_> = found.iter().filter(|unit| unit.contains(" /")).collect();
    assert_eq!(
        routes,
        [
            "GET /about/",
            "GET /api/auth/login/",
            "GET /api/orders/",
            "GET /api/orders/{pk}/",
            "GET /api/ping/",
            "POST /api/auth/login/",
        ]
    );
}

#[test]
fn a_module_that_only_ends_alike_is_another() {
    let copy = Copy::empty();
    copy.write("src/shop/__init__.py", "from .cart import Cart as Cart\n")
        .write(
            "src/shop/cart.py",
            "class Cart:\n    def add(self, item):\n        if item:\n            return item\n        return 1\n\n    def drop(self, item):\n        if item:\n            return self.add(item)\n        return 2\n",
        )
        .write("tests/apps/one/__init__.py", "")
        .write("tests/apps/one/shop.py", "app = 1\n");
    assert!(copy.is_gap("Cart"));
    copy.write(
        "tests/test_cart.py",
        "import shop\n\ndef test_add():\n    assert shop.Cart().add(1)\n",
    );
    assert!(!copy.is_gap("Cart"));
}
