-- What each SBA loan looked like when it was made. Counts of experience look at whole months before the month of
-- application only, so a later row or outcome cannot move them.
{% set window_months = 36 %}
{% set subjects = {'lender': 'lender_name', 'state': 'state_code', 'sector': 'sector_code'} %}
with applications as (select * from {{ ref('stg_origination__applications') }}),
     loans as (select * from {{ ref('stg_servicing__loans') }}),
     outcomes as (select * from {{ ref('stg_risk__outcomes') }}),

     joined as (
         select loans.loan_id, loans.application_id, loans.branch_id, loans.entity_id, loans.product_code,
                loans.currency, loans.principal, loans.disbursed_on, loans.term_months_reported,
                applications.lender_name, applications.applied_on, applications.amount_requested,
                applications.amount_sanctioned, applications.amount_guaranteed, applications.state_code,
                applications.employees, applications.jobs_created, applications.jobs_retained,
                applications.is_new_business, applications.is_franchise, applications.urban_rural_code,
                applications.is_revolving, applications.is_low_doc,
                substr(applications.naics_code, 1, 2) as sector_code,
                outcomes.outcome_code, outcomes.principal_charged_off,
                case when outcomes.outcome_code = 'CHARGED_OFF' then outcomes.outcome_on end as charged_off_on
         from loans
         inner join applications on loans.application_id = applications.application_id
         left join outcomes on loans.loan_id = outcomes.loan_id
         where loans.product_code = 'SBA_7A'
     ),

     -- one row per subject and month in which something happened that a later application may look back on
     happenings as (
         {% for subject, column in subjects.items() %}
         {% if not loop.first %}union all{% endif %}
         select '{{ subject }}' as subject, {{ column }} as subject_value,
                cast(date_trunc('month', disbursed_on) as date) as month_on, 1 as loans, 0 as charge_offs
         from joined
         union all
         select '{{ subject }}', {{ column }}, cast(date_trunc('month', charged_off_on) as date), 0, 1
         from joined where charged_off_on is not null
         union all
         select distinct '{{ subject }}', {{ column }}, cast(date_trunc('month', applied_on) as date), 0, 0
         from joined
         {% endfor %}
     ),
     monthly as (
         select subject, subject_value, month_on, sum(loans) as loans, sum(charge_offs) as charge_offs
         from happenings
         where subject_value is not null
         group by subject, subject_value, month_on
     ),
     experience as (
         select subject, subject_value, month_on,
                coalesce(sum(loans) over earlier, 0) as loans, coalesce(sum(charge_offs) over earlier, 0) as charge_offs
         from monthly
         window earlier as (
             partition by subject, subject_value order by month_on
             range between interval {{ window_months }} month preceding and interval 1 month preceding
         )
     ),
     observed as (select max(charged_off_on) as observed_until from joined),

     final as (
         select joined.loan_id, joined.application_id, joined.branch_id, joined.entity_id, joined.product_code,
                joined.currency, joined.lender_name, joined.applied_on, joined.disbursed_on,
                joined.amount_requested, joined.amount_sanctioned, joined.amount_guaranteed,
                -- a share, not money: divided as doubles on purpose
                cast(round(cast(joined.amount_guaranteed as double)
                     / nullif(cast(joined.amount_sanctioned as double), 0), 6) as decimal(18,6)) as guaranteed_share,
                joined.sector_code, joined.state_code, joined.employees, joined.jobs_created, joined.jobs_retained,
                joined.is_new_business, joined.is_franchise, joined.urban_rural_code, joined.is_revolving,
                joined.is_low_doc,
                case when length(joined.branch_id) = 6
                     then joined.state_code <> right(joined.branch_id, 2) end as is_lender_out_of_state,
                cast(date_diff('day', joined.applied_on, joined.disbursed_on) as bigint) as disbursed_after_days,
                {% for subject in subjects %}
                cast(coalesce({{ subject }}.loans, 0) as bigint) as {{ subject }}_loans_36_months,
                cast(coalesce({{ subject }}.charge_offs, 0) as bigint) as {{ subject }}_charge_offs_36_months,
                {% endfor %}
                joined.principal, joined.term_months_reported, joined.principal_charged_off,
                observed.observed_until,
                joined.outcome_code is not null as has_outcome, joined.charged_off_on is not null as is_charged_off,
                coalesce(cast(joined.disbursed_on + interval 36 month as date) <= observed.observed_until, false)
                    as is_label_mature,
                case when joined.charged_off_on <= cast(joined.disbursed_on + interval 36 month as date) then true
                     when cast(joined.disbursed_on + interval 36 month as date) <= observed.observed_until then false
                     end as is_charged_off_36_months
         from joined
         cross join observed
         {% for subject, column in subjects.items() %}
         left join experience as {{ subject }}
             on {{ subject }}.subject = '{{ subject }}' and {{ subject }}.subject_value = joined.{{ column }}
             and {{ subject }}.month_on = cast(date_trunc('month', joined.applied_on) as date)
         {% endfor %}
     )
select * from final
